using System.Runtime.InteropServices;
using Proa.PodSimulator;

const int Failed = 1, WrongUsage = 2, Interrupted = 130;
try
{
    var command = CommandLine.Parse(args);
    if (command.ShowHelp)
    {
        Console.Out.Write(CommandLine.Help);
        return 0;
    }

    return await RunAsync(command).ConfigureAwait(false);
}
catch (UsageException error)
{
    Console.Error.WriteLine($"{error.Message}; see --help");
    return WrongUsage;
}
catch (ManifestException error)
{
    Console.Error.WriteLine(error.Message);
    return WrongUsage;
}

static async Task<int> RunAsync(CommandLine command)
{
    var manifest = Manifest.Load(command.ManifestPath);
    foreach (var warning in manifest.Warnings) Console.Error.WriteLine($"warning: {warning}");
    var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    var console = new ConsoleOutput(command.Verbose, !command.NoColor && !Console.IsOutputRedirected);

    var simulator = await Simulator.StartAsync(manifest, command.Options with { OnOutput = console.Write }).ConfigureAwait(false);
    await using (simulator.ConfigureAwait(false))
    {
        var timeout = Task.Delay(command.Timeout);
        var first = await Task.WhenAny(simulator.Completion, interrupted.Task, timeout).ConfigureAwait(false);
        if (first == interrupted.Task) return Interrupted;
        if (first == timeout)
        {
            Console.Error.WriteLine($"not ended within {command.Timeout.TotalSeconds:0.###} s");
            return Failed;
        }

        var outcome = await simulator.Completion.ConfigureAwait(false);
        ConsoleOutput.WriteOutcome(outcome, manifest.OfKind("Job").Any() ? "Job" : "Pod");
        return outcome.Succeeded ? 0 : Failed;
    }

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        interrupted.TrySetResult();
    }
}
