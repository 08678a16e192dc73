using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Decides as the API server does from Roles and RoleBindings: what no rule allows is forbidden.</summary>
public sealed class Rbac
{
    private readonly Lock _lock = new();
    private readonly List<JsonObject> _roles = [];
    private readonly List<JsonObject> _bindings = [];
    private readonly Dictionary<string, bool> _overrides = new(StringComparer.Ordinal);

    /// <summary>Off: every authenticated service account may do everything, overrides apart.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Adds, or replaces by kind, namespace and name, a Role, ClusterRole, RoleBinding or ClusterRoleBinding.</summary>
    /// <exception cref="ArgumentException">Another kind.</exception>
    public void Apply(JsonObject roleOrBinding)
    {
        ArgumentNullException.ThrowIfNull(roleOrBinding);
        var list = roleOrBinding.Text("kind") switch
        {
            "Role" or "ClusterRole" => _roles,
            "RoleBinding" or "ClusterRoleBinding" => _bindings,
            var kind => throw new ArgumentException($"'{kind}' is none of Role, ClusterRole, RoleBinding, ClusterRoleBinding.", nameof(roleOrBinding)),
        };
        var added = roleOrBinding.Clone();
        lock (_lock)
        {
            list.RemoveAll(other => Key(other) == Key(added));
            list.Add(added);
        }
    }

    /// <summary>Allows a service account these verbs on all pods of its namespace, by a Role and a RoleBinding.</summary>
    public void AllowPods(string @namespace, string serviceAccount, params string[] verbs)
    {
        var name = $"pods-{serviceAccount}";
        Apply(new JsonObject
        {
            ["kind"] = "Role",
            ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
            ["rules"] = new JsonArray(
                new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["verbs"] = verbs.ToJsonArray() }),
        });
        Apply(new JsonObject
        {
            ["kind"] = "RoleBinding",
            ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
            ["roleRef"] = new JsonObject { ["kind"] = "Role", ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = serviceAccount, ["namespace"] = @namespace }),
        });
    }

    /// <summary>From now on a verb (get, list, watch, delete) is allowed or denied, whatever the Roles say.</summary>
    public void Override(string verb, bool allowed)
    {
        lock (_lock) _overrides[verb] = allowed;
    }

    /// <summary>The Roles decide again.</summary>
    public void ClearOverrides()
    {
        lock (_lock) _overrides.Clear();
    }

    /// <summary>Forgets all Roles, RoleBindings and overrides.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _roles.Clear();
            _bindings.Clear();
            _overrides.Clear();
        }
    }

    /// <summary>Whether the identity may do the verb on the resource; an empty name means all of them.</summary>
    public bool Allows(ServiceAccountIdentity identity, string verb, string apiGroup, string resource, string @namespace, string? name)
    {
        ArgumentNullException.ThrowIfNull(identity);
        lock (_lock)
        {
            if (_overrides.TryGetValue(verb, out var allowed)) return allowed;
            if (!Enabled) return true;
            return _bindings
                .Where(binding => binding.Text("kind") == "ClusterRoleBinding" || Namespace(binding) == @namespace)
                .Where(binding => binding.Objects("subjects").Any(subject => Matches(subject, Namespace(binding), identity)))
                .SelectMany(Roles)
                .SelectMany(role => role.Objects("rules"))
                .Any(
                    rule => Contains(rule, "verbs", verb)
                        && Contains(rule, "apiGroups", apiGroup)
                        && Contains(rule, "resources", resource)
                        && Names(rule, name));
        }
    }

    private IEnumerable<JsonObject> Roles(JsonObject binding)
    {
        var reference = binding.Object("roleRef");
        var kind = reference.Text("kind");
        return _roles.Where(role => role.Text("kind") == kind && role.Object("metadata").Text("name") == reference.Text("name")
            && (kind == "ClusterRole" || Namespace(role) == Namespace(binding)));
    }

    private static bool Matches(JsonObject subject, string bindingNamespace, ServiceAccountIdentity identity) => subject.Text("kind") switch
    {
        "ServiceAccount" => subject.Text("name") == identity.ServiceAccount && (subject.Text("namespace") ?? bindingNamespace) == identity.Namespace,
        "Group" => identity.Groups.Contains(subject.Text("name")),
        "User" => subject.Text("name") == identity.User,
        _ => false,
    };

    private static bool Contains(JsonObject rule, string field, string value)
    {
        var values = rule.Texts(field);
        return values.Contains(value) || values.Contains("*");
    }

    private static bool Names(JsonObject rule, string? name)
    {
        var names = rule.Texts("resourceNames");
        return names.Count == 0 || (!string.IsNullOrEmpty(name) && names.Contains(name));
    }

    private static string Namespace(JsonObject item) => item.Object("metadata").Text("namespace") ?? "default";

    private static (string?, string, string?) Key(JsonObject item) => (item.Text("kind"), Namespace(item), item.Object("metadata").Text("name"));
}
