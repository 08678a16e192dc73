namespace Proa.Fuzz;

/// <summary>A reader of foreign input. Whatever the input is, it is to be read or refused as the reader's documentation says.</summary>
internal abstract class Target
{
    // The types' metadata, made once, and the exception of an input that is refused.
    private const long AnyInput = 1024 * 1024;

    public static IReadOnlyList<Target> All { get; } =
    [
        new PodTarget(), new WatchTarget(), new TokenTarget(), new MountInfoTarget(), new KubeconfigTarget(), new LogTarget(), new ManifestTarget(),
        new HttpTarget(),
    ];

    public static Target? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    public abstract string Name { get; }

    /// <summary>The most memory that a byte of input may take, all in all: what is let go of on the way counts too.</summary>
    protected abstract int MemoryPerByte { get; }

    /// <summary>What the fuzzer begins with.</summary>
    public abstract IEnumerable<byte[]> FirstInputs();

    /// <summary>What the fuzzer would not hit upon by itself.</summary>
    public abstract IEnumerable<string> Words();

    /// <summary>Reads the input, and throws if anything is not as it is to be.</summary>
    public abstract void Read(byte[] input);

    protected static void Require(bool promise, string otherwise)
    {
        if (!promise) throw new BrokenPromiseException(otherwise);
    }

    /// <summary>Reads within a bound of memory that the input's length alone decides.</summary>
    protected T Bounded<T>(byte[] input, Func<byte[], T> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var value = read(input);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(taken <= AnyInput + ((long)MemoryPerByte * input.Length), $"{input.Length} bytes of input took {taken} bytes of memory");
        return value;
    }
}

/// <summary>What must hold of any input does not.</summary>
internal sealed class BrokenPromiseException(string what) : Exception(what);
