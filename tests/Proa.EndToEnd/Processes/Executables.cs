using System.Diagnostics;

namespace Proa.EndToEnd.Processes;

/// <summary>The programs that the tests run.</summary>
internal static class Executables
{
    /// <summary>The native executable: <c>PROA_EXECUTABLE</c>, or what build/publish has made.</summary>
    public static string Proa { get; } = FindProa();

    /// <summary>The program that plays main; see puppet.c.</summary>
    public static string Puppet { get; } = Path.Combine(AppContext.BaseDirectory, "puppet");

    /// <summary>The program that starts another where a system call is denied or a limit is low; see launch.c.</summary>
    public static string Launch { get; } = Path.Combine(AppContext.BaseDirectory, "launch");

    /// <summary>
    /// Copies a program that is then executed, by a process of its own. A file that this process writes is held open for writing by each child that a
    /// test beside this one starts meanwhile, until the child's exec, and cannot be executed as long (ETXTBSY).
    /// </summary>
    public static void Copy(string program, string destination)
    {
        using var cp = Process.Start("cp", [program, destination]);
        cp.WaitForExit();
        Assert.Equal(0, cp.ExitCode);
    }

    /// <summary>Where a program of the system is, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':')
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Skips the test where a program of the system is not installed.</summary>
    public static void Require(string name, string package) => Assert.SkipWhen(Find(name) is null, $"{name} is not installed (Debian package {package})");

    /// <summary>Skips the test where it does not run as root.</summary>
    public static void RequireRoot(string what) => Assert.SkipUnless(Libc.geteuid() == 0, $"root is needed to {what}");

    /// <summary>Whether the tests may trace a worker and read its memory, which it keeps from others of its user.</summary>
    public static bool MayLookIntoWorkers => Libc.geteuid() == 0;

    /// <summary>Skips the test where they may not.</summary>
    public static void RequireLookIntoWorkers() => RequireRoot("look into a worker");

    /// <summary>Skips the test where the simulator cannot make containers.</summary>
    public static async Task RequireContainersAsync()
    {
        var whyNot = await PodSimulator.Namespaces.WhyNotAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
    }

    private static string FindProa()
    {
        if (Environment.GetEnvironmentVariable("PROA_EXECUTABLE") is { Length: > 0 } given) return Path.GetFullPath(given);
        var name = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? "proa-linux-arm64"
            : "proa-linux-x64";
        return Repository.Find($"artifacts/{name}")
            ?? throw new InvalidOperationException("there is no native executable: build/publish makes it, PROA_EXECUTABLE names another");
    }
}
