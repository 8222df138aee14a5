using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Live;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Live;

/// <summary>Who may see a run that trains, and what he sees of it.</summary>
sealed class DashboardTests
{
    // Of a test that else would wait without end.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly Configuration Settings = new(Recipe.Default, Steps: 1000, DropAt: 500, Seed: 1);

    Dashboard dashboard = null!;
    HttpClient client = null!;

    [SetUp]
    public void Start()
    {
        dashboard = Dashboard.Start(port: null);
        client = new HttpClient { BaseAddress = new Uri(dashboard.Address) };
    }

    [TearDown]
    public void End()
    {
        client.Dispose();
        dashboard.Dispose();
    }

    [Test]
    public async Task The_page_needs_nothing_from_elsewhere()
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri("", UriKind.Relative));
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
            Assert.That(policy, Does.StartWith("default-src 'none'; connect-src 'self'").And.Not.Contain("unsafe"));
            Assert.That(response.Headers.GetValues("Referrer-Policy"), Is.EqualTo(["no-referrer"]));
            Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("{{").And.Not.Contain(" src="));
        }
    }

    [TestCase("/")]
    [TestCase("/00000000000000000000000000000000/")]
    [TestCase("/00000000000000000000000000000000/events")]
    [TestCase("/favicon.ico")]
    public async Task Without_the_token_there_is_nothing(string path)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("Host", "evil.example")]
    [TestCase("Host", "evil.example:80")]
    [TestCase("Host", "127.0.0.1.evil.example")]
    [TestCase("Origin", "http://evil.example")]
    [TestCase("Origin", "null")]
    [TestCase("Sec-Fetch-Site", "cross-site")]
    public async Task Pages_from_elsewhere_are_refused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("events", UriKind.Relative));
        request.Headers.Add(header, value);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    // Whole lines of garbage, a head without end, no Host, and two of them.
    [TestCase("nonsense\r\n\r\n", "400")]
    [TestCase("GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "400")]
    [TestCase("GET / HTTP/1.1\r\n\r\n", "403")]
    [TestCase("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n", "403")]
    [TestCase("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nOrigin: http://evil.example\r\n\r\n", "403")]
    public async Task Broken_requests_are_refused(string request, string status)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, new Uri(dashboard.Address).Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var answer = new StreamReader(connection.GetStream());
        Assert.That(await answer.ReadLineAsync(), Does.StartWith($"HTTP/1.1 {status} "));
    }

    [Test]
    public async Task A_head_without_end_is_cut_off()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, new Uri(dashboard.Address).Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('x', 16 * 1024)));
        using var answer = new StreamReader(connection.GetStream());
        Assert.That(await answer.ReadLineAsync(), Does.StartWith("HTTP/1.1 400 "));
    }

    [Test]
    public async Task Its_own_page_is_not_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("", UriKind.Relative));
        request.Headers.Add("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("POST")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("HEAD")]
    [TestCase("OPTIONS")]
    public async Task Nothing_can_be_done_but_to_look(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("", UriKind.Relative));
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public void A_port_that_is_taken_is_refused()
    {
        int port = new Uri(dashboard.Address).Port;
        Assert.That(
            () => Dashboard.Start(port),
            Throws.TypeOf<InvalidRequestException>()
                .With.Message.StartsWith($"port {port} cannot be served").And.Message.Contains("give another one"));
    }

    [Test]
    public void Every_address_has_a_token_of_its_own()
    {
        using var other = Dashboard.Start(port: null);
        Assert.That(new Uri(other.Address).AbsolutePath, Is.Not.EqualTo(new Uri(dashboard.Address).AbsolutePath).And.Length.EqualTo(34));
    }

    [Test]
    public async Task Who_comes_late_sees_all()
    {
        Train(0, 300);
        using var visit = await Visit();
        JsonElement view = await Next(visit);
        JsonElement raw = view.GetProperty("charts").GetProperty("loss").GetProperty("series")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(view.GetProperty("title").GetString(), Is.EqualTo("batchnorm"));
            Assert.That(view.GetProperty("done").GetDouble(), Is.EqualTo(0.3));
            Assert.That(raw.GetProperty("x").GetArrayLength(), Is.EqualTo(300));
        }
    }

    [Test]
    public async Task What_is_new_is_sent()
    {
        Train(0, 10);
        using var visit = await Visit();
        await Next(visit);
        Train(10, 20);
        Assert.That((await Next(visit)).GetProperty("facts")[0].GetProperty("value").GetString(), Is.EqualTo("20"));
    }

    [Test]
    public async Task The_end_is_told_and_is_the_last_that_is_sent()
    {
        Train(0, 10);
        dashboard.History.End("over: all 10 steps are done");
        using var visit = await Visit();
        JsonElement view = await Next(visit);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(view.GetProperty("isOver").GetBoolean(), Is.True);
            Assert.That(view.GetProperty("status").GetString(), Is.EqualTo("over: all 10 steps are done"));
            Assert.That(await visit.ReadToEndAsync(), Does.Not.Contain("data:"));
        }
    }

    // The program ends while somebody looks: he is told how the run ended.
    [Test]
    public async Task Who_is_there_at_the_end_is_told()
    {
        using var visit = await Visit();
        await Next(visit);
        dashboard.History.End("interrupted after 10 steps");
        await Task.Run(dashboard.Dispose);
        Assert.That((await Next(visit)).GetProperty("status").GetString(), Is.EqualTo("interrupted after 10 steps"));
    }

    // One that asks and reads nothing, though its event is larger than any buffer, and one that goes away in the middle.
    [Test]
    public async Task Slow_visitors_hold_nothing_up()
    {
        Train(0, 10);
        var names = new ShownNames(isKnownTold: false);
        foreach (int number in Enumerable.Range(0, 200_000))
        {
            names.Add(new SampledName($"a-rather-long-name-{number}", KnownIn: null, IsRepeat: false));
        }
        dashboard.History.Show(names, step: 10);
        using var stuck = new TcpClient { ReceiveBufferSize = 1024 };
        var address = new Uri(dashboard.Address);
        await stuck.ConnectAsync(IPAddress.Loopback, address.Port);
        await stuck.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"GET {address.AbsolutePath}events HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"));
        (await Open()).Dispose();
        using StreamReader visit = await Visit();
        await Next(visit);
        Train(10, 20);
        Assert.That((await Next(visit)).GetProperty("facts")[0].GetProperty("value").GetString(), Is.EqualTo("20"));
        await Task.Run(dashboard.Dispose);
    }

    async Task<StreamReader> Visit() => new(await (await Open()).Content.ReadAsStreamAsync());

    Task<HttpResponseMessage> Open() =>
        client.GetAsync(new Uri("events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

    static async Task<JsonElement> Next(StreamReader visit)
    {
        while (true)
        {
            string line = await visit.ReadLineAsync().WaitAsync(Patience) ?? throw new AssertionException("there is nothing more");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line["data: ".Length..]).RootElement;
            }
        }
    }

    void Train(int from, int to)
    {
        if (from == 0)
        {
            dashboard.History.Begin(Settings);
        }
        dashboard.History.Add([.. Enumerable.Range(from, to - from).Select(step => new StepResult(step, 3, 0.1f))], speed: 100);
    }
}
