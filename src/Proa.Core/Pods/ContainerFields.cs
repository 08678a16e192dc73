namespace Proa.Pods;

/// <summary>Reads a container of a Pod's spec.</summary>
internal static class ContainerFields
{
    public static Container? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? name = null, image = null, policy = null, messagePath = null;
        string?[]? command = null, args = null;
        KnownVariables? env = null;
        EnvSource?[]? envFrom = null;
        RestartRule?[]? rules = null;
        ContainerPort?[]? ports = null;
        Probe? readiness = null, startup = null;
        while (json.NextField())
        {
            if (json.Is("name"u8)) name = json.Text();
            else if (json.Is("image"u8)) image = json.Text();
            else if (json.Is("command"u8)) command = json.Texts();
            else if (json.Is("args"u8)) args = json.Texts();
            else if (json.Is("env"u8)) env = json.Variables();
            else if (json.Is("envFrom"u8)) envFrom = json.List(EnvSource);
            else if (json.Is("restartPolicy"u8)) policy = json.Text();
            else if (json.Is("restartPolicyRules"u8)) rules = json.List(Rule);
            else if (json.Is("ports"u8)) ports = json.List(Port);
            else if (json.Is("readinessProbe"u8)) readiness = Probe(ref json);
            else if (json.Is("startupProbe"u8)) startup = Probe(ref json);
            else if (json.Is("terminationMessagePath"u8)) messagePath = json.Text();
            else json.Skip();
        }

        return new()
        {
            Name = name!,
            Image = image!,
            Command = command!,
            Args = args!,
            Env = env!,
            EnvFrom = envFrom!,
            RestartPolicy = policy,
            RestartPolicyRules = rules!,
            Ports = ports!,
            ReadinessProbe = readiness,
            StartupProbe = startup,
            TerminationMessagePath = messagePath,
        };
    }

    private static EnvSource? EnvSource(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        while (json.NextField()) json.Skip();
        return new();
    }

    private static RestartRule? Rule(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? action = null;
        RestartRuleExitCodes? exitCodes = null;
        while (json.NextField())
        {
            if (json.Is("action"u8)) action = json.Text();
            else if (json.Is("exitCodes"u8)) exitCodes = ExitCodes(ref json);
            else json.Skip();
        }

        return new() { Action = action!, ExitCodes = exitCodes };
    }

    private static RestartRuleExitCodes? ExitCodes(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? @operator = null;
        int[]? values = null;
        while (json.NextField())
        {
            if (json.Is("operator"u8)) @operator = json.Text();
            else if (json.Is("values"u8)) values = json.Numbers();
            else json.Skip();
        }

        return new() { Operator = @operator!, Values = values! };
    }

    private static ContainerPort? Port(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        var number = 0;
        string? name = null;
        while (json.NextField())
        {
            if (json.Is("containerPort"u8)) number = json.SomeNumber();
            else if (json.Is("name"u8)) name = json.Text();
            else json.Skip();
        }

        return new() { Number = number, Name = name };
    }

    private static Probe? Probe(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        ProbeAction? http = null, tcp = null;
        while (json.NextField())
        {
            if (json.Is("httpGet"u8)) http = Action(ref json);
            else if (json.Is("tcpSocket"u8)) tcp = Action(ref json);
            else json.Skip();
        }

        return new() { HttpGet = http, TcpSocket = tcp };
    }

    private static ProbeAction? Action(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? port = null;
        while (json.NextField())
        {
            if (json.Is("port"u8)) port = json.NumberOrText();
            else json.Skip();
        }

        return new() { Port = port! };
    }
}
