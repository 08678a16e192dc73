using Proa.CommandLine;

namespace Proa.Manifests;

/// <summary>A container that is started through proa.</summary>
/// <param name="How">How that is known, for people.</param>
/// <param name="Given">What proa makes of its arguments and variables; null where not all of them are in the manifest.</param>
internal sealed record ProaContainer(Node Container, string How, ParseResult? Given)
{
    /// <summary>The Pod's annotations that examples/inject-policy goes by.</summary>
    public const string InjectAnnotation = "proa.dev/inject";
    public const string ContainerAnnotation = "proa.dev/container";
    public const string OptionsAnnotation = "proa.dev/options";

    /// <summary>Its file name.</summary>
    public const string Program = "proa";

    private const string DefaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

    public string Name => Container.Word("name");

    /// <summary>The line of an option that an error names, or of the command.</summary>
    public int LineOf(string message)
    {
        var words = Container.List("command").Concat(Container.List("args")).Where(n => n.Text is { Length: > 1 });
        var variables = Container.List("env").Where(v => v.Word("name").StartsWith("PROA_", StringComparison.Ordinal));
        return words.FirstOrDefault(n => n.Text is ['-', ..] text && message.Contains(text.Split('=')[0], StringComparison.Ordinal))?.Line
            ?? variables.FirstOrDefault(v => message.Contains(v.Word("name"), StringComparison.Ordinal))?.Line
            ?? (Container["command"] ?? Container["args"] ?? Container).Line;
    }

    /// <summary>The container's own command, as far as proa is in it; null where it is not.</summary>
    public static ProaContainer? In(Node container)
    {
        string[] command = container.Words("command"), args = container.Words("args");
        var variables = new Expansion(container);
        if (command is [var first, ..])
        {
            string[] all = [.. command, .. args];
            return FileName.Of(first) == Program ? Read(container, "its command", all[1..], variables)
                : Behind(all) is { } behind ? Read(container, $"its command, behind {FileName.Of(first)}", behind, variables)
                : null;
        }

        // The image's ENTRYPOINT is proa, or its variables would be for nobody.
        if (!variables.Names.Concat(variables.Unknown).Any(name => name.StartsWith("PROA_", StringComparison.Ordinal))) return null;
        string[] words = args.Length == 0 ? ["--", "CMD"] : args.Contains("--") ? args : ["--", .. args];
        return Read(container, "its PROA_ variables, so the image's ENTRYPOINT should be proa", words, variables);
    }

    /// <summary>The container that the policy of examples/inject-policy puts proa into; null where the Pod does not ask for it.</summary>
    public static ProaContainer? Injected(Node template)
    {
        var annotations = template.At("metadata", "annotations");
        if (annotations?.Word(InjectAnnotation) != "true") return null;
        var containers = template.At("spec")?.List("containers") ?? [];
        var name = InjectedName(annotations);
        var container = name.Length == 0 ? containers is [var first, ..] ? first : null : containers.FirstOrDefault(c => c.Word("name") == name);
        if (container is null) return null;
        var options = annotations.Word(OptionsAnnotation).Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        // Where there is none, the options are judged all the same.
        string[] command = container.Words("command") is { Length: > 0 } has ? has : ["ENTRYPOINT"];
        string[] words = [.. options, "--", .. command, .. container.Words("args")];
        return Read(container, $"the annotation {InjectAnnotation}", words, new(container));
    }

    /// <summary>The container that annotations name; empty for the first.</summary>
    public static string InjectedName(Node annotations) =>
        annotations.Word(ContainerAnnotation) is { Length: > 0 } own ? own : annotations.Word(DefaultContainerAnnotation);

    /// <summary>
    /// Proa's arguments where another program starts it: an init process or Argo's, <c>tini -- /proa -- work</c>, or Tekton's,
    /// <c>entrypoint -entrypoint /proa -- -- work</c>; else null.
    /// </summary>
    private static string[]? Behind(string[] words)
    {
        var proa = Array.FindIndex(words, 1, w => FileName.Of(w) == Program);
        if (proa < 0 || words[proa - 1] is not ("--" or "-entrypoint")) return null;
        var arguments = words[(proa + 1)..];
        return words[proa - 1] == "--" || arguments is not ["--", ..] ? arguments : arguments[1..];
    }

    private static ProaContainer Read(Node container, string how, string[] words, Expansion variables)
    {
        var isKnown = true;
        for (var i = 0; i < words.Length && words[i] != "--"; i++) isKnown &= variables.TryExpand(words[i], out words[i]);
        var given = isKnown ? Parser.Parse(words, variables.Value) : null;
        var options = given is null ? "" : Parser.Show(words[..Math.Min(given.CommandIndex, words.Length)]);
        return new(container, options.Length == 0 || options == "--" ? how : $"{how}: {options}", given);
    }
}
