using System.Text;
using Microsoft.Win32.SafeHandles;
using Proa.Checking.Manifests;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Manifests;

namespace Proa.Commands;

/// <summary><c>proa --check -f FILE</c>: what proa would do by a manifest, and what would go wrong. It asks no API server.</summary>
internal static class CheckFilesCommand
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Prints the report on stdout; GitHub's annotations, where it runs there, on stderr.</summary>
    /// <returns>0; 1: there are problems; 125 after an error that is logged: a file cannot be read.</returns>
    public static int Run(Options options, Log log)
    {
        try
        {
            return Run(options);
        }
        catch (CannotRunException e)
        {
            log.UsageError(e.Message, e.Hint);
            return ExitCodes.CannotRun;
        }
    }

    private static int Run(Options options)
    {
        var (asJson, isOnGitHub, isWritten) = (options.LogFormat == LogFormat.Json, GivenArguments.Variable("GITHUB_ACTIONS") == "true", true);
        var check = new ManifestCheck(Tell);
        foreach (var file in options.CheckFiles) Read(file, check);
        var summary = check.End();
        Write(asJson ? ManifestJson.Write(summary) : Encoding.UTF8.GetBytes(summary.Text));
        return isWritten ? summary.ExitCode : ExitCodes.CannotRun;

        void Tell(TemplateReport report)
        {
            Write(asJson ? ManifestJson.Write(report) : Encoding.UTF8.GetBytes(ManifestText.Write(report)));
            if (isOnGitHub) Descriptors.WriteAll(Libc.StandardError, Encoding.UTF8.GetBytes(GitHubAnnotations.Write(report)));
        }

        void Write(byte[] text) => isWritten = isWritten && Descriptors.WriteAll(Libc.StandardOutput, text);
    }

    private static void Read(string file, ManifestCheck check)
    {
        var name = file == ManifestNames.Input ? "stdin" : file;
        try
        {
            using var stream = Open(file);
            if (stream.CanSeek && stream.Length > BoundedText.Most) throw BoundedText.TooLong(name);
            using var text = new BoundedText(new StreamReader(stream, _utf8), name);
            var reader = new ManifestReader(text, name, ManifestCheck.IsWanted, Add);
            reader.Read();
            if (reader.Documents == 0) throw ManifestErrors.Unreadable(name, "it is empty");

            void Add(Node found)
            {
                check.Add(new(file, found));
                if (check.IsFull) throw ManifestErrors.Unreadable(name, "it has too many service accounts and Roles: split it");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ManifestErrors.Unreadable(name, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                _ when Directory.Exists(file) => "it is a directory",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            });
        }
    }

    private static FileStream Open(string file) => file == ManifestNames.Input
        ? new(new SafeFileHandle(Libc.StandardInput, ownsHandle: false), FileAccess.Read)
        : new(file, FileMode.Open, FileAccess.Read);
}
