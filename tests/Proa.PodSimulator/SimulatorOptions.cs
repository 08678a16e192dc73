using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>How a <see cref="Simulator"/> runs a manifest.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The namespace of objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Host files or directories that every container sees, read-only: path in the container to path on the host.</summary>
    public IReadOnlyDictionary<string, string> Executables { get; init; } = new Dictionary<string, string>();

    /// <summary>Entrypoints of images, for containers without a command: image to the words that the container's args follow.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ImageEntrypoints { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What is in an image that is mounted as a volume: image to directory on the host.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>Images that cannot be pulled; a container of such an image waits for ever.</summary>
    public IReadOnlyCollection<string> MissingImages { get; init; } = [];

    /// <summary>Variables that every container has in addition, unless it sets them itself.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables that replace the manifest's: NAME for all containers, CONTAINER:NAME for one.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOverrides { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Divides the kubelet's own intervals: probe periods and initial delays, back-offs, status lag. More than 0; 1 is real time. Grace
    /// periods, deadlines and probe timeouts are for the programs under test and stay as they are.
    /// </summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>From a change of a container until the API server shows it; a kubelet takes about a second.</summary>
    public TimeSpan StatusLag { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the API server is started.</summary>
    public ApiServerOptions ApiServer { get; init; } = new();

    /// <summary>Gives every service account of the manifest get, list and watch on pods, whatever Roles there are.</summary>
    public bool AllowPodAccess { get; init; }

    /// <summary>Called with each Pod before it is created, and may change it, as a mutating webhook does: to inject a sidecar, say.</summary>
    public Action<JsonObject>? Admit { get; init; }

    /// <summary>Called with the API server before any Pod exists, to add faults, say.</summary>
    public Action<ApiServer>? Prepare { get; init; }

    /// <summary>Called for each line of output from the very first.</summary>
    public Action<OutputLine>? OnOutput { get; init; }
}
