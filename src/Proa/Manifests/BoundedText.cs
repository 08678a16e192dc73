using Proa.Kubernetes;

namespace Proa.Manifests;

/// <summary>A manifest's text, which ends with an error where it is more than a manifest can be.</summary>
/// <param name="name">The file, for people.</param>
internal sealed class BoundedText(TextReader inner, string name) : TextReader
{
    /// <summary>Of all: some times what the largest Helm charts write.</summary>
    public const int Most = 32 * 1024 * 1024;

    /// <summary>Of one value with the comments before it: an API server takes no object of 1.5 MB.</summary>
    private const int LongestValue = 2 * 1024 * 1024;

    private int _length;
    private int _sinceValue;

    /// <summary>Says that a value has been read to its end.</summary>
    public void ValueEnds() => _sinceValue = 0;

    public static CannotRunException TooLong(string name) => ManifestErrors.Unreadable(name, $"it has more than {Most / 1024 / 1024} MB");

    public override int Peek() => inner.Peek();

    public override int Read()
    {
        var character = inner.Read();
        if (character == 0) throw ManifestErrors.Unreadable(name, "it is not text: it contains a NUL");
        if (++_length > Most) throw TooLong(name);
        if (++_sinceValue > LongestValue) throw ManifestErrors.Unreadable(name, $"a value in it has more than {LongestValue / 1024 / 1024} MB");
        return character;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
