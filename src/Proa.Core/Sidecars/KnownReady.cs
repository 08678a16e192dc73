namespace Proa.Sidecars;

/// <summary>A test on localhost of whether a sidecar is ready: it answers GET with 2xx, or, without a path, it accepts connections.</summary>
internal sealed class ReadyTest(int port, string path = "")
{
    public int Port { get; } = port;

    /// <summary>Empty where connecting is the test.</summary>
    public string Path { get; } = path;

    /// <summary>The URL to ask; null where connecting is the test.</summary>
    public Uri? Url => Path.Length > 0 ? new(ToString()) : null;

    /// <summary>Where to connect; null where a URL is asked.</summary>
    public TcpEndpoint? Endpoint => Path.Length > 0 ? null : new("localhost", Port);

    public override string ToString() => FormattableString.Invariant($"{(Path.Length > 0 ? "http://" : "")}localhost:{Port}{Path}");
}

/// <summary>How a known sidecar is tested for its readiness.</summary>
internal sealed class KnownReady(ReadyTest usual)
{
    /// <summary>The test when nothing moves it.</summary>
    public ReadyTest Default { get; } = usual;

    /// <summary>
    /// The test in place of the Pod's status, where the spec says for certain where it is: what is tested in the wrong place would keep
    /// main waiting for ever. Null where the Pod's status says as much.
    /// </summary>
    public Func<SidecarSpec, ReadyTest?> InPod { get; init; } = _ => null;

    /// <summary>Why the sidecar's own readinessProbe may wait for main, so that the test is better; empty where it does not.</summary>
    public string ProbeWaits { get; init; } = "";

    /// <summary>What switches the test on, where it does not answer; may be empty.</summary>
    public string Hint { get; init; } = "";
}
