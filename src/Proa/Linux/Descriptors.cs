using System.Runtime.InteropServices;
using System.Text;

namespace Proa.Linux;

/// <summary>File descriptors that no child inherits.</summary>
internal static unsafe class Descriptors
{
    private const int FirstFree = 3;

    /// <summary>
    /// Moves a close-on-exec descriptor above the standard ones: where proa was started with one of them closed, it must stay
    /// closed for the command, and nothing of ours may take its place.
    /// </summary>
    /// <returns>The descriptor, or -1 with errno as it was.</returns>
    public static int AboveStandard(int descriptor)
    {
        if (descriptor is < 0 or >= FirstFree) return descriptor;
        var moved = Libc.fcntl(descriptor, Libc.FDupfdCloexec, FirstFree);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.close(descriptor);
        Marshal.SetLastPInvokeError(error);
        return moved;
    }

    /// <summary>An empty file in memory, or -1 with errno where that is denied.</summary>
    public static int MemoryFile()
    {
        fixed (byte* name = "proa\0"u8)
        {
            // A node may allow only those that cannot be executed (vm.memfd_noexec); kernels before 6.3 do not know the flag.
            var file = Libc.memfd_create(name, Libc.MfdCloexec | Libc.MfdNoExecSeal);
            if (file < 0 && Marshal.GetLastPInvokeError() == Errno.EINVAL) file = Libc.memfd_create(name, Libc.MfdCloexec);
            return AboveStandard(file);
        }
    }

    /// <summary>A file that is always empty, or -1 with errno.</summary>
    public static int EmptyFile()
    {
        fixed (byte* path = "/dev/null\0"u8) return AboveStandard(Libc.open(path, Libc.OpenReadWrite | Libc.OpenCloexec, 0));
    }

    /// <summary>Opens a file for reading; -1 with errno if that fails.</summary>
    public static int OpenToRead(string path)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0')) return AboveStandard(Libc.open(text, Libc.OpenCloexec, 0));
    }

    /// <summary>Reads what comes next: how many bytes, 0 at the end, or -1 with errno.</summary>
    public static int Read(int descriptor, Span<byte> content)
    {
        fixed (byte* start = content)
        {
            nint read;
            do read = Libc.read(descriptor, start, content.Length);
            while (read < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return (int)read;
        }
    }

    /// <summary>Forgets a file's content.</summary>
    public static void Empty(int descriptor) => _ = Libc.ftruncate(descriptor, 0);

    /// <summary>Where a file is read and written next, by whoever shares it; -1 where it cannot be told.</summary>
    public static long Offset(int descriptor) => Libc.lseek(descriptor, 0, Libc.SeekCurrent);

    /// <summary>Moves that offset. What is here read and written is at places of its own.</summary>
    public static void Advance(int descriptor) => _ = Libc.lseek(descriptor, 1, Libc.SeekCurrent);

    /// <summary>Reads a file into memory from its beginning, <paramref name="most"/> bytes at most; empty if it cannot be read.</summary>
    public static byte[] ReadFile(int descriptor, int most)
    {
        var content = new byte[Math.Clamp(Libc.lseek(descriptor, 0, Libc.SeekEnd), 0, most)];
        Advance(descriptor); // never 0 again, see Supervisor/HandoverFile.SignOfLife
        var length = 0;
        while (length < content.Length)
        {
            fixed (byte* rest = content.AsSpan(length))
            {
                var read = Libc.pread(descriptor, rest, content.Length - length, length);
                if (read <= 0) break;
                length += (int)read;
            }
        }

        return content[..length];
    }

    /// <summary>Writes a file from its beginning. False if it cannot be written.</summary>
    public static bool WriteFile(int descriptor, ReadOnlySpan<byte> content)
    {
        for (nint at = 0; !content.IsEmpty;)
        {
            fixed (byte* start = content)
            {
                var written = Libc.pwrite(descriptor, start, content.Length, at);
                if (written <= 0) return false;
                at += written;
                content = content[(int)written..];
            }
        }

        return true;
    }

    /// <summary>Writes all of it. False if it cannot be written: the disk is full, the reader is gone, the descriptor is closed.</summary>
    public static bool WriteAll(int descriptor, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            fixed (byte* start = content)
            {
                var written = Libc.write(descriptor, start, content.Length);
                if (written < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR) continue;
                if (written <= 0) return false;
                content = content[(int)written..];
            }
        }

        return true;
    }
}
