using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

// URL TOKEN CA: one GET over TLS, its certificate verified, its body read.
var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
policy.CustomTrustStore.ImportFromPemFile(args[2]);
using var http = new HttpClient(
    new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } });
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", args[1]);
return (await http.GetByteArrayAsync(new Uri(args[0]))).Length > 0 ? 0 : 1;
