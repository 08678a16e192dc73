using System.Text.Json.Nodes;

namespace Proa.EndToEnd.RealServer;

/// <summary>A request for Pods.</summary>
internal sealed record AuditedRequest(string Id, string Namespace, string Verb)
{
    /// <summary>The answer's; 0 until it is known, which some versions say of a watch only at its end.</summary>
    public int Status { get; set; }

    public bool IsOver { get; set; }

    public override string ToString() => Status is 0 or 200 ? Verb : $"{Verb} {Status}";
}

/// <summary>The requests for Pods, as a kube-apiserver's audit log has them ("Auditing" in the Kubernetes documentation).</summary>
internal sealed class AuditLog
{
    /// <summary>What kube-apiserver logs: the requests of all but the administrator and the server itself.</summary>
    public const string Policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        rules:
        - level: None
          userGroups: ["system:masters"]
        - level: Metadata
          resources: [{group: "", resources: [pods]}]
        - level: None
        """;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1.5);

    private readonly Lock _lock = new();
    private readonly List<AuditedRequest> _requests = [];
    private readonly HashSet<string> _marks = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds what a line says: a request has one for each of its stages.</summary>
    public void Add(string line)
    {
        var stage = JsonNode.Parse(line)!;
        var pod = stage["objectRef"]!;
        Change(() =>
        {
            if (stage["user"]?["username"]?.ToString() == "system:anonymous")
            {
                _marks.Add(pod["name"]!.ToString());
                return;
            }

            var id = stage["auditID"]!.ToString();
            var request = _requests.Find(r => r.Id == id);
            if (request is null) _requests.Add(request = new(id, pod["namespace"]!.ToString(), stage["verb"]!.ToString()));
            request.Status = (int?)stage["responseStatus"]?["code"] ?? request.Status;
            request.IsOver |= stage["stage"]!.ToString() is "ResponseComplete" or "Panic";
        });
    }

    /// <summary>The server has ended, and its answers with it.</summary>
    public void AllAreOver() => Change(() => _requests.ForEach(request => request.IsOver = true));

    /// <summary>Waits until an anonymous request for a Pod of this name is in the log, and the answers to those before it.</summary>
    public async Task<AuditedRequest[]> UpToMarkAsync(string podNamespace, string name)
    {
        AuditedRequest[] before = [];
        await WaitUntilAsync(podNamespace, requests =>
        {
            before = [.. requests];
            return _marks.Contains(name) && before.All(request => request.Verb == "watch" || request.IsOver || request.Status > 0);
        });
        return before;
    }

    /// <summary>Waits until the requests for Pods of a namespace are so.</summary>
    public async Task WaitUntilAsync(string podNamespace, Func<IEnumerable<AuditedRequest>, bool> condition)
    {
        for (var end = Task.Delay(_patience, TestContext.Current.CancellationToken); ;)
        {
            Task more;
            lock (_lock)
            {
                var requests = _requests.Where(request => request.Namespace == podNamespace);
                if (condition(requests)) return;
                if (end.IsCompleted) throw new InvalidOperationException($"it has not come about; the requests: {string.Join(", ", requests)}");
                more = _more.Task;
            }

            await Task.WhenAny(more, end);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            change();
            more = _more;
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }
}
