using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Runner.Live;

/// <summary>Who asks a dashboard for something: whether he may have it.</summary>
static class Visitor
{
    static readonly string[] LoopbackNames = ["127.0.0.1", "localhost"];

    /// <summary>
    /// What to answer a request: 200, or why it is refused. A page from elsewhere can make a browser send a request here, by a name that
    /// it lets point to this machine, or from its own origin; neither knows the token.
    /// </summary>
    /// <param name="request">The request; null where what came is none.</param>
    /// <param name="token">The token that the address holds.</param>
    /// <param name="file">What is asked for within the address.</param>
    public static HttpStatusCode Check(HttpRequest? request, string token, out string file)
    {
        file = "";
        if (request is null)
        {
            return HttpStatusCode.BadRequest;
        }
        if (request.Header("Host") is not { } host || !IsLoopback(host) || !IsOwnPage(request, host))
        {
            return HttpStatusCode.Forbidden;
        }
        string[] path = request.Path.Split('/');
        if (path.Length != 3 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(path[1]), Encoding.UTF8.GetBytes(token)))
        {
            return HttpStatusCode.NotFound;
        }
        file = path[2];
        return request.Method == "GET" ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed;
    }

    // The port is another one where somebody looks through a tunnel.
    static bool IsLoopback(string host) => LoopbackNames.Contains(host.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    static bool IsOwnPage(HttpRequest request, string host) =>
        request.Headers["Origin"].All(origin => origin == $"http://{host}")
        && request.Headers["Sec-Fetch-Site"].All(site => site is "same-origin" or "none");
}
