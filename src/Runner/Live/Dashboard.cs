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

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    static readonly byte[] Comment = [.. ": \n\n"u8];

    readonly TcpListener listener;
    readonly CancellationTokenSource closing = new();
    readonly Lock gate = new();
    readonly string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    readonly (byte[] Before, byte[] After) page;
    readonly string policy;
    readonly Task serving;
    readonly HashSet<Task> visits = [];
    Message latest = new(-1, [], IsLast: false, Made: 0);
    bool isClosed;

    Dashboard(TcpListener listener)
    {
        this.listener = listener;
        Address = $"http://{listener.LocalEndpoint}/{token}/";
        (page.Before, page.After, policy) = DashboardPage.Create();
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
        var listener = new TcpListener(IPAddress.Loopback, port ?? 0) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return new Dashboard(listener);
        }
        catch (SocketException fault)
        {
            listener.Dispose();
            throw new InvalidRequestException(
                $"port {port} cannot be served ({fault.Message}): give another one, or none for any that is free");
        }
    }

    /// <summary>Sends what was not yet sent to those who are there, as far as they read it at once, and ends.</summary>
    public void Dispose()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        History.End("the program has ended");
        Task.WaitAll(Visits(), Farewell);
        closing.Cancel();
        listener.Stop();
        serving.Wait();
        Task.WaitAll(Visits());
        closing.Dispose();
    }

    Task[] Visits()
    {
        lock (gate)
        {
            return [.. visits];
        }
    }

    async Task Serve()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(closing.Token);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            // Not on the thread that takes the next visitor in.
            Task visit = Task.Run(() => Answer(client));
            lock (gate)
            {
                visits.RemoveWhere(former => former.IsCompleted);
                visits.Add(visit);
            }
        }
    }

    async Task Answer(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var exchange = new HttpExchange(client);
                HttpStatusCode status = Visitor.Check(await exchange.Read(closing.Token), token, out string file);
                Task answer = (status, file, Visits().Length > MostVisitors) switch
                {
                    (HttpStatusCode.OK, "" or "events", true) => Refuse(exchange, HttpStatusCode.ServiceUnavailable),
                    (HttpStatusCode.OK, "", _) => SendPage(exchange),
                    (HttpStatusCode.OK, "events", _) => SendEvents(exchange),
                    (HttpStatusCode.OK, _, _) => Refuse(exchange, HttpStatusCode.NotFound),
                    _ => Refuse(exchange, status),
                };
                await answer;
                await exchange.End(closing.Token);
            }
            catch (Exception fault) when (
                fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The visitor has gone, or reads nothing.
            }
        }
    }

    Task Begin(HttpExchange exchange, HttpStatusCode status, params (string, string)[] headers) => exchange.Begin(
        status,
        [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"), .. headers,
        ],
        closing.Token);

    Task Refuse(HttpExchange exchange, HttpStatusCode status) => Begin(exchange, status, ("Allow", "GET"), ("Content-Length", "0"));

    async Task SendPage(HttpExchange exchange)
    {
        byte[] whole = [.. page.Before, .. Latest().View, .. page.After];
        await Begin(exchange, HttpStatusCode.OK, ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", $"{whole.Length}"));
        await exchange.Write(whole, closing.Token);
    }

    async Task SendEvents(HttpExchange exchange)
    {
        await Begin(exchange, HttpStatusCode.OK, ("Content-Type", "text/event-stream"));
        long sent = -1;
        long spoken = Stopwatch.GetTimestamp();
        while (true)
        {
            Message message = Latest();
            bool isNew = message.Version != sent;
            if (isNew || Stopwatch.GetElapsedTime(spoken) > Silence)
            {
                // A comment fails where the visitor has gone.
                await exchange.Write(isNew ? [.. "data: "u8, .. message.View, .. "\n\n"u8] : Comment, closing.Token);
                (sent, spoken) = (message.Version, Stopwatch.GetTimestamp());
            }
            if (message.IsLast)
            {
                return;
            }
            await Task.Delay(Pause, closing.Token);
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
                latest = new Message(version, view.ToJson(), view.IsOver, Stopwatch.GetTimestamp());
            }
            return latest;
        }
    }

    // What all visitors are sent: the view after so many changes, as JSON.
    sealed record Message(long Version, byte[] View, bool IsLast, long Made);
}
