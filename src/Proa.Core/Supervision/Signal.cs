namespace Proa.Supervision;

/// <param name="Number">1 to 64.</param>
/// <param name="Value">What it carries, where it was sent by sigqueue(3).</param>
internal readonly record struct Signal(int Number, nint? Value = null);
