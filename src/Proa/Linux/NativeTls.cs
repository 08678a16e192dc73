using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Proa.Linux;

/// <summary>The calls of tls.c, which has their documentation. Each text is its bytes and their number, or ends with NUL.</summary>
internal static unsafe partial class NativeTls
{
    /// <summary>A step cannot go on before more has arrived.</summary>
    public const int WantsInput = -1;

    /// <summary>What <see cref="proa_tls_present"/> has found wrong.</summary>
    public enum PresentProblem
    {
        None,
        NoCertificate,
        NoKey,
        OtherKey,
        NoSuchKind,
    }

    [LibraryImport("proa_native")]
    public static partial nint proa_tls_context(int verifies);

    [LibraryImport("proa_native")]
    public static partial void proa_tls_free_context(nint context);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_trust(nint context, byte* pem, int length);

    [LibraryImport("proa_native")]
    public static partial void proa_tls_trust_system(nint context);

    [LibraryImport("proa_native")]
    public static partial PresentProblem proa_tls_present(nint context, byte* certificate, int certificateLength, byte* key, int keyLength);

    [LibraryImport("proa_native")]
    public static partial nint proa_tls_open(nint context, byte* server, int isAddress);

    [LibraryImport("proa_native")]
    public static partial void proa_tls_free(nint session);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_feed(nint session, byte* bytes, int length);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_drain(nint session, byte* bytes, int size);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_handshake(nint session);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_read(nint session, byte* bytes, int size);

    [LibraryImport("proa_native")]
    public static partial int proa_tls_write(nint session, byte* bytes, int length);

    [LibraryImport("proa_native")]
    public static partial void proa_tls_failure(Failure* failure);

    /// <summary>struct failure</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Failure
    {
        public int Verification;
        public long ValidFrom;
        public long ValidUntil;
        public Text128 Text;
    }

    /// <summary>char[128], which ends with NUL.</summary>
    [InlineArray(128)]
    public struct Text128
    {
        private byte _first;
    }
}
