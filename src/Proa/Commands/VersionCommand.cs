using System.Reflection;
using System.Runtime.InteropServices;
using Proa.Linux;

namespace Proa.Commands;

/// <summary><c>proa --version</c>, and with <c>--verbose</c> the versions of what is linked in: a security fix in one means a rebuild.</summary>
internal static class VersionCommand
{
    /// <summary>What is printed.</summary>
    public static unsafe string Text(bool verbose)
    {
        var text = $"proa {VersionOf(typeof(VersionCommand).Assembly)}\n";
        if (verbose)
        {
            text += $"""
                {RuntimeInformation.FrameworkDescription}
                {Marshal.PtrToStringUTF8((nint)Libc.OpenSSL_version(0))}
                glibc {Marshal.PtrToStringUTF8((nint)Libc.gnu_get_libc_version())}
                YamlDotNet {VersionOf(typeof(YamlDotNet.Core.Parser).Assembly)}

                """;
        }

        return text;
    }

    private static string? VersionOf(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
