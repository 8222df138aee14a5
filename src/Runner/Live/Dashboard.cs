using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Live;

/// <summary>
/// A page that shows a run while it trains, served on the loopback address alone, to whoever knows the token of its address. Every
/// visitor is sent the whole view again and again; one that reads slowly misses some of them, and holds nothing up.
/// </summary>
sealed class Dashboard : IDisposable
{
    const int MostVisitors = 64;
    const int TriesForPort = 10;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    static readonly byte[] Comment = [.. ": \n\n"u8];

    // Windows lets anybody serve by this name.
    static readonly string Host = OperatingSystem.IsWindows() ? "localhost" : "127.0.0.1";

    readonly HttpListener listener;
    readonly CancellationTokenSource closed = new();
    readonly Lock gate = new();
    readonly string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    readonly byte[] page;
    readonly string policy;
    readonly Task serving;
    readonly HashSet<Task> visits = [];
    Message latest = new(-1, [], IsLast: false, Made: 0);

    Dashboard(HttpListener listener, int port)
    {
        this.listener = listener;
        Address = $"http://{Host}:{port}/{token}/";
        (page, policy) = DashboardPage.Create();
        serving = Serve();
    }

    /// <summary>What is shown.</summary>
    public RunHistory History { get; } = new();

    /// <summary>The address of the page.</summary>
    public string Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="port">The port; null for any that is free.</param>
    /// <exception cref="InvalidRequestException">The port is not free.</exception>
    public static Dashboard Start(int? port)
    {
        for (int tries = 1; ; tries++)
        {
            int chosen = port ?? FreePort();
            var listener = new HttpListener { Prefixes = { $"http://{Host}:{chosen}/" } };
            try
            {
                listener.Start();
                return new Dashboard(listener, chosen);
            }
            // Another program may have taken a free port since.
            catch (Exception fault) when (fault is HttpListenerException or SocketException)
            {
                ((IDisposable)listener).Dispose();
                if (port is not null || tries == TriesForPort)
                {
                    throw new InvalidRequestException(
                        $"port {chosen} of {Host} cannot be served ({fault.Message}): give another one, or none for any that is free");
                }
            }
        }
    }

    /// <summary>Sends what was not yet sent, to those who are there, and ends.</summary>
    public void Dispose()
    {
        History.End("the program has ended");
        Task[] open;
        lock (gate)
        {
            open = [.. visits];
        }
        Task.WaitAll(open, Farewell);
        closed.Cancel();
        listener.Close();
        serving.Wait();
        closed.Dispose();
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    async Task Serve()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            // Not on the thread that takes the next visitor in.
            Task visit = Task.Run(() => Answer(context));
            lock (gate)
            {
                visits.Add(visit);
            }
            _ = visit.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    void Forget(Task visit)
    {
        lock (gate)
        {
            visits.Remove(visit);
        }
    }

    async Task Answer(HttpListenerContext context)
    {
        HttpListenerResponse response = context.Response;
        try
        {
            HttpStatusCode status = Visitor.Check(context.Request, token, out string file);
            bool isFull = visits.Count > MostVisitors;
            Head(response, (status, file, isFull) switch
            {
                (not HttpStatusCode.OK, _, _) => status,
                (_, "" or "events", true) => HttpStatusCode.ServiceUnavailable,
                (_, "" or "events", _) => HttpStatusCode.OK,
                _ => HttpStatusCode.NotFound,
            });
            if (response.StatusCode == (int)HttpStatusCode.OK)
            {
                await (file == "events" ? SendEvents(response) : SendPage(response));
            }
            response.Close();
        }
        catch (Exception fault) when (fault is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException
            or TimeoutException or OperationCanceledException)
        {
            // The visitor has gone, or reads nothing.
            response.Abort();
        }
    }

    void Head(HttpListenerResponse response, HttpStatusCode status)
    {
        response.StatusCode = (int)status;
        response.Headers["Content-Security-Policy"] = policy;
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Cache-Control"] = "no-store";
        if (status == HttpStatusCode.MethodNotAllowed)
        {
            response.Headers["Allow"] = "GET";
        }
    }

    async Task SendPage(HttpListenerResponse response)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength64 = page.Length;
        await response.OutputStream.WriteAsync(page, closed.Token).AsTask().WaitAsync(Silence, closed.Token);
    }

    async Task SendEvents(HttpListenerResponse response)
    {
        response.ContentType = "text/event-stream";
        response.SendChunked = true;
        long sent = -1;
        long spoken = Stopwatch.GetTimestamp();
        while (true)
        {
            Message message = Latest();
            bool isNew = message.Version != sent;
            if (isNew || Stopwatch.GetElapsedTime(spoken) > Silence)
            {
                // A comment fails where the visitor has gone.
                await response.OutputStream.WriteAsync(isNew ? message.Event : Comment, closed.Token).AsTask()
                    .WaitAsync(Silence, closed.Token);
                (sent, spoken) = (message.Version, Stopwatch.GetTimestamp());
            }
            if (message.IsLast)
            {
                return;
            }
            await Task.Delay(Pause, closed.Token);
        }
    }

    // Made once for all visitors, and at most every so often.
    Message Latest()
    {
        lock (gate)
        {
            long version = History.Version;
            if (version != latest.Version && Stopwatch.GetElapsedTime(latest.Made) >= Pause)
            {
                RunView view = History.View();
                latest = new Message(version, [.. "data: "u8, .. view.ToJson(), .. "\n\n"u8], view.IsOver, Stopwatch.GetTimestamp());
            }
            return latest;
        }
    }

    // What all visitors are sent: the view after so many changes, as an event.
    sealed record Message(long Version, byte[] Event, bool IsLast, long Made);
}
