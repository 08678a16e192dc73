using System.Runtime.InteropServices;

namespace Proa.Supervisor;

/// <summary>C strings that stand one after the other, with an empty one at the end, as the array of them that execve(2) takes.</summary>
internal sealed unsafe class CStrings : IDisposable
{
    private readonly byte* _block;

    /// <exception cref="InvalidOperationException">There is no end.</exception>
    public CStrings(ReadOnlySpan<byte> block)
    {
        if (block is not [.., 0]) throw new InvalidOperationException("main's environment is lost");
        _block = (byte*)NativeMemory.Alloc((nuint)block.Length);
        block.CopyTo(new Span<byte>(_block, block.Length));
        Array = (byte**)NativeMemory.AllocZeroed((nuint)block.Count((byte)0), (nuint)sizeof(byte*));
        var next = _block;
        for (var i = 0; *next != 0; i++)
        {
            Array[i] = next;
            while (*next++ != 0)
            {
            }
        }
    }

    /// <summary>It ends with null.</summary>
    public byte** Array { get; }

    public void Dispose()
    {
        NativeMemory.Free(Array);
        NativeMemory.Free(_block);
    }
}
