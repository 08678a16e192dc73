namespace Proa.PodSimulator;

internal enum FaultKind
{
    ResetOnAccept,
    StallBeforeTls,
    StallDuringTls,
    NeverAnswer,
    ResetOnRequest,
    SilentWatch,
    EmptyBody,
    Respond,
    WatchError,
    Trickle,
    Split,
    CloseMidEvent,
    ResetMidEvent,
    EndWatch,
    GarbageLine,
    EndlessLine,
    HugePod,
}
