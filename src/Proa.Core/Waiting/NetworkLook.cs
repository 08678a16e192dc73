using System.Globalization;

namespace Proa.Waiting;

/// <summary>How an attempt to reach somebody ended.</summary>
internal enum Contact
{
    /// <summary>Connected, and answered where something was asked.</summary>
    Made,
    Refused,
    NoSuchHost,

    /// <summary>The host name cannot be looked up now.</summary>
    NoLookUp,

    /// <summary>Not in time.</summary>
    Silent,
    Closed,
    NoHttp,

    /// <summary>Answered in HTTP, but not so that proa can read it.</summary>
    Unreadable,

    /// <summary>Failed otherwise.</summary>
    Failed,
}

/// <param name="Status">The HTTP status of an answer, else 0.</param>
/// <param name="Detail">Why it has failed otherwise or cannot be read, in words.</param>
/// <param name="EnvoyState">Where Envoy was asked for its state: what it says.</param>
internal readonly record struct NetworkAttempt(Contact Contact, int Status = 0, string Detail = "", string? EnvoyState = null);

/// <summary>What an attempt says of <c>--wait-http</c> and <c>--wait-tcp</c>. Nothing of it is for ever: who is waited for may yet come.</summary>
internal static class NetworkLook
{
    /// <summary>The deadline of one attempt.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Before the first attempt has ended.</summary>
    public static Look None { get; } = new(Readiness.Wait, "has not answered yet", Unheard);

    private const string Unheard = "does a NetworkPolicy block it, or does it need longer to answer?";

    public static Look OfHttp(NetworkAttempt attempt) => attempt switch
    {
        { Contact: Contact.Made, Status: >= 200 and < 300, EnvoyState: not (null or Envoy.Live) } =>
            new(Readiness.Wait, attempt.EnvoyState.Length == 0 ? "does not say Envoy's state" : "says that Envoy is " + attempt.EnvoyState),
        { Contact: Contact.Made, Status: >= 200 and < 300 } => new(Readiness.Start, Answers(attempt.Status)),
        { Contact: Contact.Made } => new(Readiness.Wait, Answers(attempt.Status), attempt.Status switch
        {
            >= 300 and < 400 => "proa does not follow redirects: give the URL that this one redirects to",
            401 or 403 => "does it ask for a user and a password, as in http://USER:PASSWORD@HOST/?",
            404 or 405 => "is the path right, and does it accept GET?",
            _ => "",
        }),
        _ => Unreached(attempt),
    };

    public static Look OfTcp(NetworkAttempt attempt) => attempt.Contact == Contact.Made ? new(Readiness.Start, "accepts connections") : Unreached(attempt);

    private static string Answers(int status) => string.Create(CultureInfo.InvariantCulture, $"answers {status}");

    private static Look Unreached(NetworkAttempt attempt) => attempt.Contact switch
    {
        Contact.Refused => new(Readiness.Wait, "refuses connections", "is the port right, and does the program run that should listen there?"),
        Contact.NoSuchHost => new(Readiness.Wait, "has a host name that does not exist", "is the host name right?"),
        Contact.NoLookUp => new(Readiness.Wait, "has a host name that cannot be looked up now", "does a NetworkPolicy block DNS?"),
        Contact.Silent => new(Readiness.Wait, $"has not answered within {Duration.Format(Patience)}", Unheard),
        Contact.Closed => new(Readiness.Wait, "closes the connection without an answer", "is the scheme right, http or https?"),
        Contact.NoHttp => new(Readiness.Wait, "does not speak HTTP", "is the port right, and the scheme, http or https?"),
        Contact.Unreadable => new(Readiness.Wait, "gives an answer that proa cannot read: " + attempt.Detail),
        _ => new(Readiness.Wait, "cannot be reached: " + attempt.Detail.TrimEnd('.')),
    };
}
