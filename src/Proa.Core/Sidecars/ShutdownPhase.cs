namespace Proa.Sidecars;

/// <summary>When a sidecar is asked to stop: before those that it may still need.</summary>
internal enum ShutdownPhase
{
    /// <summary>First: whatever is not one of the others.</summary>
    Plain,

    /// <summary>Ships logs, metrics or traces, the others' last ones among them.</summary>
    Shipper,

    /// <summary>Last: the proxy that carries the Pod's network, and may carry our way to the API server.</summary>
    Network,
}
