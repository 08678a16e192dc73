using System.Text.Json;
using Proa.Bench;

// serve                          an API server with one Pod whose sidecar is ready, until stdin ends; says where on stdout
// measure PROA STAMP [--quick]   everything that needs an API server; JSON on stdout
switch (args)
{
    case ["serve"]:
        await using (var lab = await Lab.StartAsync())
        {
            var pod = lab.NewPod();
            pod.Push(Stage.Ready);
            var authority = Path.Combine(lab.Folder, "ca.crt");
            await File.WriteAllTextAsync(authority, lab.Api.CertificateAuthorityPem);
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new { kubeconfig = pod.Kubeconfig, url = $"{lab.Api.Url.ToString().TrimEnd('/')}{pod.UrlPath}", token = pod.Token, authority }));
            await Console.In.ReadToEndAsync();
        }

        return 0;
    case ["measure", var proa, var stamp, .. var rest] when rest is [] or ["--quick"]:
        await using (var lab = await Lab.StartAsync())
        {
            var measurements = new Measurements(lab, proa, stamp, quick: rest.Length > 0);
            await measurements.AllAsync();
            Console.WriteLine(JsonSerializer.Serialize(measurements.Results));
        }

        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: Proa.Bench serve | measure PROA STAMP [--quick]");
        return 2;
}
