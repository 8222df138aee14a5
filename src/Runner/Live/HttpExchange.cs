using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Makemore.Gpu.Runner.Live;

/// <summary>The head of a request.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, without a query.</param>
/// <param name="Headers">The headers by name, in any case; one that is given twice has both values.</param>
sealed record HttpRequest(string Method, string Path, ILookup<string, string> Headers)
{
    /// <summary>The value of a header; null where there is none, or another than one.</summary>
    /// <param name="name">The header.</param>
    public string? Header(string name) => Headers[name].Count() == 1 ? Headers[name].Single() : null;
}

/// <summary>
/// One request and its answer over a connection that is closed afterwards: HTTP/1.1, as far as a page needs it. .NET's HttpListener waits
/// without end for a visitor that reads nothing, even to close the connection, and so does not do.
/// </summary>
/// <param name="client">The connection, which it owns.</param>
sealed class HttpExchange(TcpClient client) : IDisposable
{
    const int MostHead = 16 * 1024;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Parting = TimeSpan.FromSeconds(1);

    readonly NetworkStream stream = client.GetStream();

    /// <summary>Reads the request.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The request; null where it is none.</returns>
    public async Task<HttpRequest?> Read(CancellationToken cancellation)
    {
        using CancellationTokenSource patience = Limit(Patience, cancellation);
        var head = new byte[MostHead];
        for (int length = 0; length < head.Length;)
        {
            int read = await stream.ReadAsync(head.AsMemory(length), patience.Token);
            length += read;
            int end = head.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0 || read == 0)
            {
                return end < 0 ? null : Parse(Encoding.Latin1.GetString(head, 0, end).Split("\r\n"));
            }
        }
        return null;
    }

    /// <summary>Begins the answer.</summary>
    /// <param name="status">The status.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task Begin(HttpStatusCode status, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        IEnumerable<string> lines =
        [
            $"HTTP/1.1 {(int)status} {status}", "Connection: close", .. headers.Select(header => $"{header.Name}: {header.Value}"), "", "",
        ];
        return Write(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)), cancellation);
    }

    /// <summary>Goes on with the answer.</summary>
    /// <param name="bytes">The next of its bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was told to, or the visitor reads nothing.</exception>
    public async Task Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = Limit(Patience, cancellation);
        await stream.WriteAsync(bytes, patience.Token);
    }

    /// <summary>Says that the answer is whole, and takes in what the visitor still sends, which else would cost him the answer.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task End(CancellationToken cancellation)
    {
        client.Client.Shutdown(SocketShutdown.Send);
        using CancellationTokenSource patience = Limit(Parting, cancellation);
        var rest = new byte[1024];
        while (await stream.ReadAsync(rest, patience.Token) > 0)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    static CancellationTokenSource Limit(TimeSpan time, CancellationToken cancellation)
    {
        var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(time);
        return limited;
    }

    static HttpRequest? Parse(string[] lines)
    {
        string[] words = lines[0].Split(' ');
        return words is [{ } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"]
            ? new HttpRequest(method, target.Split('?')[0], lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(
                header => header[0], header => header.Length == 2 ? header[1].Trim(' ', '\t') : "", StringComparer.OrdinalIgnoreCase))
            : null;
    }
}
