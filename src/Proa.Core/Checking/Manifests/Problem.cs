namespace Proa.Checking.Manifests;

/// <summary>What would go wrong with a manifest, and what to write instead.</summary>
/// <param name="Line">The line that it is about.</param>
internal sealed record Problem(int Line, string What, string Remedy);
