
namespace Proa.Ending;

internal enum Attempt
{
    Accepted,

    /// <summary>It answered what another attempt will not change: 404, 405, a redirect.</summary>
    Rejected,

    /// <summary>It was connected to, and answered not at all or what may pass: 5xx, 408, 429.</summary>
    Failed,

    /// <summary>The connection was refused: nothing listens there now.</summary>
    Refused,

    /// <summary>Proa ended the attempt before it came to anything: the sidecar has ended, or the time for it is up.</summary>
    Interrupted,

    /// <summary>It was not connected to for another reason: no route, no answer, a name server that is away.</summary>
    Unreached,
    NoSuchHost,
}

/// <summary>Whether a sidecar may begin to listen where none does.</summary>
internal enum Expectation
{
    /// <summary>No: all have ended for good, or the kubelet ends the Pod, or nobody is to wait for it.</summary>
    None,

    /// <summary>The Pod is not known and will not be: for a while it is possible.</summary>
    Possible,

    /// <summary>A sidecar has not ended, or the Pod may yet be seen.</summary>
    Likely,
}

internal enum NextAttempt
{
    /// <summary>None: it has been asked.</summary>
    Asked,

    /// <summary>None: it cannot be asked.</summary>
    Impossible,

    /// <summary>None: the sidecar has ended meanwhile, by the Pod's status.</summary>
    Over,

    /// <summary>None: it is gone.</summary>
    Gone,

    /// <summary>Another one, while the budget lasts.</summary>
    Again,
}

internal static class Asking
{
    /// <summary>How long a sidecar of a Pod that is not known may take to listen: a mesh's proxy takes some seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Decides by the attempt and by those before it.</summary>
    /// <param name="hasConnected">Whether it, or one before it in this life, was connected.</param>
    /// <param name="hasEnded">Whether the sidecar is known to have ended for good.</param>
    /// <param name="elapsed">Since the first attempt.</param>
    public static NextAttempt After(Attempt attempt, bool hasConnected, Expectation expectation, bool hasEnded, TimeSpan elapsed) => attempt switch
    {
        Attempt.Accepted => NextAttempt.Asked,
        Attempt.Rejected or Attempt.NoSuchHost => NextAttempt.Impossible,
        Attempt.Failed or Attempt.Unreached or Attempt.Interrupted when hasEnded => NextAttempt.Over,
        Attempt.Failed => NextAttempt.Again,
        // Who listened and listens no more has quit, whatever its last answer was.
        Attempt.Refused when hasConnected => NextAttempt.Gone,
        Attempt.Unreached or Attempt.Interrupted when hasConnected => NextAttempt.Again,
        Attempt.Refused or Attempt.Unreached or Attempt.Interrupted => expectation switch
        {
            Expectation.Likely => NextAttempt.Again,
            Expectation.Possible when elapsed < Patience => NextAttempt.Again,
            _ => attempt == Attempt.Refused ? NextAttempt.Gone : NextAttempt.Impossible,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(attempt)),
    };
}
