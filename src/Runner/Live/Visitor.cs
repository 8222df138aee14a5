using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Runner.Live;

/// <summary>Who asks a dashboard for something: whether he may have it.</summary>
static class Visitor
{
    static readonly string[] LoopbackNames = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>
    /// What to answer a request: 200, or why it is refused. A page from elsewhere can make a browser send a request here, by a name that
    /// it lets point to this machine, or from its own origin; neither knows the token.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="token">The token that the address holds.</param>
    /// <param name="file">What is asked for within the address.</param>
    public static HttpStatusCode Check(HttpListenerRequest request, string token, out string file)
    {
        file = "";
        if (!IsLoopback(request.UserHostName) || !IsOwnPage(request))
        {
            return HttpStatusCode.Forbidden;
        }
        string[] path = (request.Url?.AbsolutePath ?? "").Split('/');
        if (path.Length != 3 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(path[1]), Encoding.UTF8.GetBytes(token)))
        {
            return HttpStatusCode.NotFound;
        }
        file = path[2];
        return request.HttpMethod == "GET" ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed;
    }

    static bool IsLoopback(string? authority)
    {
        string host = authority ?? "";
        int port = host.LastIndexOf(':');
        return LoopbackNames.Contains(port > host.LastIndexOf(']') ? host[..port] : host, StringComparer.OrdinalIgnoreCase);
    }

    static bool IsOwnPage(HttpListenerRequest request) =>
        (request.Headers["Origin"] is not { } origin || origin == $"http://{request.UserHostName}")
        && request.Headers["Sec-Fetch-Site"] is null or "same-origin" or "none";
}
