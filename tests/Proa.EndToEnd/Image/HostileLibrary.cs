using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Image;

/// <summary>A library that ends the process that loads it, at once: it needs no libc, so that it can be loaded anywhere.</summary>
internal static class HostileLibrary
{
    /// <summary>Makes the library.</summary>
    /// <returns>The path.</returns>
    public static async Task<string> CompileAsync(string path)
    {
        await using var gcc = RunningProcess.Start(["gcc", "-shared", "-fPIC", "-nostdlib", "-x", "c", "-", "-o", path]);
        await gcc.TypeAsync("__attribute__((constructor)) static void loaded(void) { __builtin_trap(); }\n");
        gcc.CloseInput();
        await gcc.SucceedsAsync();
        return path;
    }
}
