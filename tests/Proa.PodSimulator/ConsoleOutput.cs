namespace Proa.PodSimulator;

/// <summary>Shows lines as CONTAINER | LINE, each container in a colour of its own on a terminal.</summary>
internal sealed class ConsoleOutput(bool verbose, bool color)
{
    private static readonly int[] s_colors = [36, 32, 35, 34, 33, 96, 92, 95];

    private readonly List<string> _containers = [];
    private readonly Lock _lock = new();

    public void Write(OutputLine line)
    {
        if (line.Container == OutputLine.Kubelet && !verbose) return;
        lock (_lock)
        {
            var index = _containers.IndexOf(line.Container);
            if (index < 0)
            {
                index = _containers.Count;
                _containers.Add(line.Container);
            }

            var prefix = $"{line.Container} |";
            if (color) prefix = $"\e[{(line.Container == OutputLine.Kubelet ? 90 : s_colors[index % s_colors.Length])}m{prefix}\e[0m";
            Console.Out.WriteLine($"{prefix} {line.Text}");
        }
    }

    public static void WriteOutcome(JobOutcome outcome, string kind)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{kind} {(outcome.Succeeded ? "succeeded" : $"failed: {outcome.Reason}")}");
        foreach (var pod in outcome.Pods)
        {
            Console.Out.WriteLine($"  Pod {pod.Name} {pod.Phase}{(pod.Reason is null ? "" : $" ({pod.Reason})")}");
            foreach (var container in pod.Containers)
            {
                var code = container.ExitCode is { } exitCode ? $"exit code {exitCode}" : "never ran";
                Console.Out.WriteLine($"    {container.Name}: {code} ({container.Reason}), restarts "
                    + $"{container.RestartCount}{(container.Message is null ? "" : $", message: {container.Message.Trim()}")}");
            }
        }
    }
}
