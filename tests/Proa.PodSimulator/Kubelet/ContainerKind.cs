namespace Proa.PodSimulator;

/// <summary>The three ways a container takes part in its Pod's life.</summary>
internal enum ContainerKind
{
    /// <summary>Runs to its end before the next is started.</summary>
    Init,

    /// <summary>Starts with the init containers and is ended after the regular containers.</summary>
    NativeSidecar,

    Regular,
}
