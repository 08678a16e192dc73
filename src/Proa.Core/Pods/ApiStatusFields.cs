namespace Proa.Pods;

/// <summary>Reads a Status.</summary>
internal static class ApiStatusFields
{
    public static ApiStatus? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        var code = 0;
        string? reason = null, message = null;
        ApiStatusDetails? details = null;
        while (json.NextField())
        {
            if (json.Is("code"u8)) code = json.SomeNumber();
            else if (json.Is("reason"u8)) reason = json.Text();
            else if (json.Is("message"u8)) message = json.Text();
            else if (json.Is("details"u8)) details = Details(ref json);
            else json.Skip();
        }

        return new() { Code = code, Reason = reason, Message = message, Details = details };
    }

    private static ApiStatusDetails? Details(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        var seconds = 0;
        while (json.NextField())
        {
            if (json.Is("retryAfterSeconds"u8)) seconds = json.SomeNumber();
            else json.Skip();
        }

        return new() { RetryAfterSeconds = seconds };
    }
}
