namespace Proa;

/// <param name="Does">Whether it is done; null where proa cannot tell.</param>
/// <param name="Why">Why not, or how; may be empty.</param>
internal sealed record Decision(bool? Does, string Why)
{
    public static Decision Yes { get; } = new(true, "");

    public static Decision No(string why) => new(false, why);
}
