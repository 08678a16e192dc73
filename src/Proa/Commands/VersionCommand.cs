using System.Runtime.InteropServices;
using Proa.Linux;

namespace Proa.Commands;

/// <summary><c>proa --version</c>, and with <c>--verbose</c> the versions of what is linked in: a security fix in one means a rebuild.</summary>
internal static class VersionCommand
{
    /// <summary>What is printed.</summary>
    public static unsafe string Text(bool verbose)
    {
        var text = $"proa {BuildVersions.Proa}\n";
        if (verbose)
        {
            text += $"""
                .NET {BuildVersions.DotNet}
                {Marshal.PtrToStringUTF8((nint)Libc.OpenSSL_version(0))}
                glibc {Marshal.PtrToStringUTF8((nint)Libc.gnu_get_libc_version())}
                YamlDotNet {BuildVersions.YamlDotNet}

                """;
        }

        return text;
    }
}
