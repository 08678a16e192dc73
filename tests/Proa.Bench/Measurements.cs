using System.Diagnostics;
using System.Globalization;

namespace Proa.Bench;

/// <summary>What is measured with an API server in this process.</summary>
internal sealed class Measurements(Lab lab, string proa, string stamp, bool quick)
{
    private static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan _untilRest = TimeSpan.FromMilliseconds(1500);

    private readonly Dictionary<string, List<double>> _samples = [];
    private readonly List<object> _growth = [];
    private readonly List<object> _events = [];
    private Dictionary<string, double> _fleet = [];

    public object Results => new { samples = _samples, growth = _growth, events = _events, fleet = _fleet };

    public async Task AllAsync()
    {
        Say("lives");
        for (var i = 0; i < (quick ? 3 : 10); i++) await LifeAsync(null);
        for (var i = 0; i < (quick ? 10 : 60); i++) await LifeAsync(_samples);
        Say("memory while main runs");
        for (var i = 0; i < (quick ? 2 : 5); i++) await ResidentAsync();
        for (var i = 0; i < (quick ? 2 : 5); i++) await WatchedAsync();
        foreach (var peer in (string[][])[["tini", "-s", "--"], ["dumb-init"]])
        {
            for (var i = 0; i < (quick ? 2 : 5); i++) await PeerAsync(peer);
        }

        Say("what a life costs");
        for (var i = 0; i < (quick ? 2 : 10); i++) await CostAsync();
        Say("growth");
        foreach (var sidecars in quick ? (int[])[1, 200] : [1, 10, 50, 200]) await GrowthAsync("sidecars", sidecars, sidecars, 0);
        foreach (var bytes in quick ? (int[])[1_500_000] : [5_000, 100_000, 1_500_000]) await GrowthAsync("bytes", bytes, 1, bytes);
        foreach (var rate in quick ? (int[])[100, 1000] : [1, 10, 100, 1000]) await EventsAsync(rate);
        Say("a long watch");
        await LongWatchAsync(quick ? 6_000 : 60_000);
        Say("fleet");
        await FleetAsync(quick ? 20 : 200, TimeSpan.FromSeconds(quick ? 3 : 60));
    }

    /// <summary>One life, step by step; null: nothing is noted.</summary>
    private async Task LifeAsync(Dictionary<string, List<double>>? samples, int sidecars = 1, int bytes = 0, string prefix = "")
    {
        var pod = lab.NewPod(sidecars, bytes);
        using var sidecar = new Sidecar();
        using var running = new Running([proa, "-g", sidecar.Url, "--", stamp], pod.Kubeconfig);
        var ready = pod.Make(Stage.Ready);
        await lab.Api.WaitForWatchersAsync(1);
        await Task.Delay(_settling);
        var waits = Kernel.Child(running.Id, "proa: wait");
        Note("wait: peak memory", Kernel.Status(waits, "VmHWM"));
        Note("wait: CPU until it watches", Kernel.CpuMilliseconds(waits));

        var pushed = Stopwatch.GetTimestamp();
        pod.Push(ready);
        Note("ready event to main", Milliseconds(pushed, await running.MainStarted));

        await NoWatchAsync();
        var shutdown = pod.Make(Stage.MainEnded);
        var ended = pod.Make(Stage.AllEnded);
        var asked = sidecar.NextAsync();
        pod.Push(shutdown);
        await Task.Delay(_settling);
        running.EndMain();
        var mainEnded = await running.MainEnded;
        Note("main's exit to shutdown request", Milliseconds(mainEnded, await asked.WaitAsync(TimeSpan.FromSeconds(30))));

        await lab.Api.WaitForWatchersAsync(1);
        await Task.Delay(_settling);
        var shuts = Kernel.Child(running.Id, "proa: shutdown");
        Note("shutdown: peak memory", Kernel.Status(shuts, "VmHWM"));
        Note("shutdown: CPU until it watches", Kernel.CpuMilliseconds(shuts));

        pushed = Stopwatch.GetTimestamp();
        pod.Push(ended);
        Note("last event to exit", Milliseconds(pushed, await running.Gone));
        await running.SucceedsAsync();
        pod.Delete();
        await NoWatchAsync();

        void Note(string name, double value)
        {
            if (samples is not null) Add(samples, prefix + name, value);
        }
    }

    /// <summary>proa's memory while main sleeps, after it has waited.</summary>
    private async Task ResidentAsync()
    {
        var pod = lab.NewPod();
        using var running = new Running([proa, "-g", "http://127.0.0.1:1/", "--shutdown-timeout=0", "--", stamp], pod.Kubeconfig);
        await lab.Api.WaitForWatchersAsync(1);
        await Task.Delay(_settling);
        NoteMemory("proa waits, supervisor", running.Id);
        NoteMemory("proa waits, worker", Kernel.Child(running.Id, "proa: wait"));
        pod.Push(Stage.Ready);
        await running.MainStarted;
        // What the start, or a forwarded signal, reads of the executable is given back a second later.
        await Task.Delay(_untilRest);
        NoteMemory("proa", running.Id);
        _ = Kernel.kill(running.Id, Kernel.SigWinch);
        await Task.Delay(_untilRest);
        NoteMemory("proa, after a signal", running.Id);
        Add(_samples, "proa: threads", Directory.GetDirectories($"/proc/{running.Id}/task").Length);
        running.EndMain();
        await running.SucceedsAsync();
        pod.Delete();
        await NoWatchAsync();
    }

    /// <summary>The same with a worker that watches beside main, which is there only where it is asked for.</summary>
    private async Task WatchedAsync()
    {
        var pod = lab.NewPod();
        pod.Push(Stage.Ready);
        using var running = new Running([proa, "--stop-on=all", "--known=off", "--", stamp], pod.Kubeconfig);
        await running.MainStarted;
        await lab.Api.WaitForWatchersAsync(1);
        await Task.Delay(_untilRest);
        NoteMemory("proa watches, supervisor", running.Id);
        NoteMemory("proa watches, worker", Kernel.Child(running.Id, "proa: watch"));
        running.EndMain();
        await running.SucceedsAsync();
        pod.Delete();
        await NoWatchAsync();
    }

    private async Task PeerAsync(string[] peer)
    {
        using var running = new Running(["/usr/bin/" + peer[0], .. peer[1..], stamp]);
        await running.MainStarted;
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        NoteMemory(peer[0], running.Id);
        running.EndMain();
        await running.SucceedsAsync();
    }

    private void NoteMemory(string who, int pid)
    {
        Add(_samples, who + ": resident", Kernel.Status(pid, "VmRSS"));
        Add(_samples, who + ": anonymous", Kernel.Status(pid, "RssAnon"));
        Add(_samples, who + ": proportional", Kernel.Rollup(pid, "Pss"));
    }

    /// <summary>CPU time and largest peak of a whole life, and what is asked of the API server in it.</summary>
    private async Task CostAsync()
    {
        var pod = lab.NewPod();
        using var relay = new Relay(lab.Api.Port);
        await File.WriteAllTextAsync(
            pod.Kubeconfig,
            (await File.ReadAllTextAsync(pod.Kubeconfig)).Replace($":{lab.Api.Port}", $":{relay.Port}", StringComparison.Ordinal));
        using var sidecar = new Sidecar();
        var file = Path.Combine(lab.Folder, "usage");
        pod.Push(Stage.Ready);
        var first = lab.Api.Requests.Count;
        using var running = new Running([stamp, "run", file, proa, "-g", sidecar.Url, "--", stamp], pod.Kubeconfig);
        await running.MainStarted;
        await Task.Delay(_settling);
        var before = lab.Api.Requests.Count;
        Add(_samples, "life: requests before main", before - first);
        var counts = relay.Counts;
        Add(_samples, "life: bytes received before main", counts.Down);
        Add(_samples, "life: bytes sent before main", counts.Up);
        pod.Push(Stage.MainEnded);
        await Task.Delay(5 * _settling);
        Add(_samples, "life: requests during main", lab.Api.Requests.Count - before);
        var during = lab.Api.Requests.Count;
        running.EndMain();
        await lab.Api.WaitForWatchersAsync(1);
        pod.Push(Stage.AllEnded);
        await running.SucceedsAsync();
        await NoWatchAsync();
        Add(_samples, "life: requests after main", lab.Api.Requests.Count - during);
        counts = relay.Counts;
        Add(_samples, "life: connections", counts.Connections);
        Add(_samples, "life: bytes sent", counts.Up);
        Add(_samples, "life: bytes received", counts.Down);
        var usage = (await File.ReadAllTextAsync(file)).Split(' ');
        Add(_samples, "life: CPU", double.Parse(usage[0], CultureInfo.InvariantCulture) / 1e3);
        Add(_samples, "life: largest peak memory", double.Parse(usage[1], CultureInfo.InvariantCulture));
        pod.Delete();
    }

    private async Task GrowthAsync(string what, int value, int sidecars, int bytes)
    {
        var samples = new Dictionary<string, List<double>>();
        var pod = lab.NewPod(sidecars, bytes);
        var size = pod.Bytes;
        pod.Delete();
        await LifeAsync(null, sidecars, bytes);
        for (var i = 0; i < (quick ? 2 : 10); i++) await LifeAsync(samples, sidecars, bytes);
        _growth.Add(new { what, value, size, samples });
    }

    /// <summary>The worker's CPU time while the Pod changes all the time without getting ready.</summary>
    private async Task EventsAsync(int rate)
    {
        var pod = lab.NewPod();
        using var running = new Running([proa, "--", stamp], pod.Kubeconfig);
        await lab.Api.WaitForWatchersAsync(1);
        await Task.Delay(_settling);
        var worker = Kernel.Child(running.Id, "proa: wait");
        // Rates need a while to be one: the fewer the longer.
        var time = TimeSpan.FromSeconds(quick ? 1.5 : rate == 1 ? 8 : 4);
        var cpu = Kernel.CpuMilliseconds(worker);
        var began = Stopwatch.GetTimestamp();
        var sent = 0;
        for (var elapsed = TimeSpan.Zero; elapsed < time; elapsed = Stopwatch.GetElapsedTime(began))
        {
            for (var due = elapsed.TotalSeconds * rate; sent < due;) pod.PushNoise(++sent);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(1000.0 / rate, 1, 100)));
        }

        await Task.Delay(_settling);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        cpu = Kernel.CpuMilliseconds(worker) - cpu;
        var peak = Kernel.Status(worker, "VmHWM");
        pod.Push(Stage.Ready);
        await running.MainStarted;
        running.EndMain();
        await running.SucceedsAsync();
        pod.Delete();
        await NoWatchAsync();
        _events.Add(new { rate, sent, seconds, cpuMilliseconds = cpu, peak });
    }

    /// <summary>The worker's memory after very many events, which may grow with what an event takes and not with their number.</summary>
    public async Task LongWatchAsync(int events)
    {
        const int Batch = 50;
        var pod = lab.NewPod();
        using var running = new Running([proa, "--", stamp], pod.Kubeconfig);
        await lab.Api.WaitForWatchersAsync(1);
        var worker = Kernel.Child(running.Id, "proa: wait");
        var cpu = Kernel.CpuMilliseconds(worker);
        for (var sent = 0; sent < events; sent += Batch)
        {
            for (var i = 1; i <= Batch; i++) pod.PushNoise(sent + i);
            // As fast as it takes them: what waits in a socket is no memory of the worker's.
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        Add(_samples, "wait: CPU per event of a long watch", (Kernel.CpuMilliseconds(worker) - cpu) / events);
        NoteMemory($"wait, after {events} events", worker);
        Add(_samples, $"wait, after {events} events: peak", Kernel.Status(worker, "VmHWM"));
        pod.Push(Stage.Ready);
        await running.MainStarted;
        running.EndMain();
        await running.SucceedsAsync();
        pod.Delete();
        await NoWatchAsync();
    }

    /// <summary>Many Pods that all wait; then all of their mains run.</summary>
    private async Task FleetAsync(int count, TimeSpan window)
    {
        var pods = Enumerable.Range(0, count).Select(_ => lab.NewPod()).ToArray();
        var running = new List<Running>();
        try
        {
            var began = Stopwatch.GetTimestamp();
            foreach (var pod in pods) running.Add(new([proa, "--", stamp], pod.Kubeconfig));
            await lab.Api.WaitForWatchersAsync(count);
            var started = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await Task.Delay(TimeSpan.FromSeconds(1));
            var supervisors = running.Select(r => r.Id).ToArray();
            var workers = supervisors.Select(pid => Kernel.Child(pid, "proa: wait")).ToArray();
            int[] all = [.. supervisors, .. workers];

            var requests = lab.Api.Requests.Count;
            var cpuBefore = all.Sum(Kernel.CpuMilliseconds);
            began = Stopwatch.GetTimestamp();
            await Task.Delay(window);
            var minutes = Stopwatch.GetElapsedTime(began).TotalMinutes;
            var cpu = all.Sum(Kernel.CpuMilliseconds) - cpuBefore;
            requests = lab.Api.Requests.Count - requests;
            var waiting = all.Sum(pid => Kernel.Rollup(pid, "Pss"));

            foreach (var pod in pods) pod.Push(Stage.Ready);
            foreach (var one in running) await one.MainStarted;
            await Task.Delay(TimeSpan.FromSeconds(1));
            _fleet = new()
            {
                ["processes"] = count,
                ["seconds until all watch"] = started,
                ["CPU milliseconds until all watch"] = cpuBefore,
                ["window seconds"] = window.TotalSeconds,
                ["CPU milliseconds a minute"] = cpu / minutes,
                ["requests a minute"] = requests / minutes,
                ["kB proportional while waiting"] = waiting,
                ["kB proportional while main runs"] = supervisors.Sum(pid => Kernel.Rollup(pid, "Pss")),
                ["kB anonymous while main runs"] = supervisors.Sum(pid => Kernel.Status(pid, "RssAnon")),
            };
            foreach (var one in running) one.EndMain();
            foreach (var one in running) await one.SucceedsAsync();
        }
        finally
        {
            foreach (var one in running) one.Dispose();
        }
    }

    /// <summary>Until the server, too, has seen that nobody watches.</summary>
    private async Task NoWatchAsync()
    {
        await lab.Api.WaitForOpenConnectionsAsync(open => open == 0);
        while (lab.Api.OpenWatches > 0) await Task.Delay(1);
    }

    private static double Milliseconds(long from, long to) => (to - from) * 1e3 / Stopwatch.Frequency;

    private static void Add(Dictionary<string, List<double>> samples, string name, double value)
    {
        if (!samples.TryGetValue(name, out var list)) samples[name] = list = [];
        list.Add(value);
    }

    private static void Say(string what) => Console.Error.WriteLine("bench: " + what);
}
