using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>A server on loopback that gives every request the same answer, byte by byte as a test wants it, and hangs up.</summary>
sealed class LoopbackServer : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stopped = new();
    readonly Task serving;
    int requests;

    /// <summary>Starts to serve.</summary>
    /// <param name="answer">What is sent, with its head; null to keep the connection open and say nothing.</param>
    public LoopbackServer(byte[]? answer)
    {
        listener.Start();
        serving = Serve(answer);
    }

    public string Url => $"http://{listener.LocalEndpoint}/names.txt";

    public int Requests => requests;

    /// <summary>Called when a request has come.</summary>
    public Action OnRequest { get; set; } = () => { };

    /// <summary>An answer with a status and a length that may be another than the body's.</summary>
    public static byte[] Answer(string status, byte[] body, long? length = null) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length ?? body.Length}\r\nConnection: close\r\n\r\n"), .. body];

    /// <summary>An answer that sends the program elsewhere.</summary>
    public static byte[] Redirection(string location) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    /// <summary>An address on which nobody listens.</summary>
    public static string DeadUrl()
    {
        using var server = new LoopbackServer(null);
        return server.Url;
    }

    public void Dispose()
    {
        stopped.Cancel();
        serving.Wait();
        stopped.Dispose();
        listener.Dispose();
    }

    async Task Serve(byte[]? answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stopped.Token);
                NetworkStream stream = client.GetStream();
                await ReadHead(stream);
                Interlocked.Increment(ref requests);
                OnRequest();
                if (answer is null)
                {
                    await Task.Delay(Timeout.Infinite, stopped.Token);
                }
                await stream.WriteAsync(answer, stopped.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The test is over, or the program has hung up.
        }
    }

    async Task ReadHead(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(stopped.Token) is { Length: > 0 })
        {
        }
    }
}
