using System.Net;
using System.Text;
using System.Text.Json;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>Fetching the lectures' names, from servers that are right, wrong, and gone.</summary>
sealed class DataCommandTests : CommandTests
{
    const int Names = 32_033;
    const string Sha256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";

    string Fetched => Path.Combine(Folder, "user-data", "makemore", "names.txt");

    // A proxy that the environment names would stand between the program and this machine.
    [OneTimeSetUp]
    public void GoThroughNoProxy() => HttpClient.DefaultProxy = new WebProxy();

    [SetUp]
    public void UseOwnDataFolder() => NeedOwnDataFolder();

    [Test]
    public void The_lectures_names_are_fetched_whole()
    {
        using LoopbackServer server = LectureServer();
        Outcome outcome = Succeed("data", "--from", server.Url);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.Output, Does.Contain(server.Url));
            Assert.That(outcome.OutputLines[^1], Does.StartWith("fetched").And.Contain(Fetched).And.Contain("32,033 names"));
            Assert.That(File.ReadAllBytes(Fetched), Is.EqualTo(File.ReadAllBytes(SmallNames.LecturePath())));
            Assert.That(Directory.GetFileSystemEntries(Path.GetDirectoryName(Fetched)!), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void What_is_there_already_is_not_fetched_again()
    {
        using LoopbackServer server = LectureServer();
        JsonElement first = Succeed("data", "--from", server.Url, "--json").Json;
        JsonElement second = Succeed("data", "--from", server.Url, "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(server.Requests, Is.EqualTo(1));
            Assert.That(first.GetProperty("fetched").GetBoolean(), Is.True);
            Assert.That(second.GetProperty("fetched").GetBoolean(), Is.False);
            Assert.That(second.GetProperty("path").GetString(), Is.EqualTo(Fetched));
            Assert.That(second.GetProperty("names").GetInt32(), Is.EqualTo(Names));
            Assert.That(second.GetProperty("sha256").GetString(), Is.EqualTo(Sha256));
            Assert.That(Succeed("data", "--from", server.Url).Output, Does.Contain("already").And.Contain(Fetched));
        }
    }

    [TestCase("anna\nben\n")]
    [TestCase("")]
    [TestCase("a.b\n")]
    [TestCase("\0\u0001")]
    public void What_is_there_and_is_not_the_lectures_file_is_replaced(string text)
    {
        using LoopbackServer server = LectureServer();
        Directory.CreateDirectory(Path.GetDirectoryName(Fetched)!);
        Write(Fetched, text);
        Assert.That(Succeed("data", "--from", server.Url, "--json").Json.GetProperty("fetched").GetBoolean(), Is.True);
        Assert.That(File.ReadAllBytes(Fetched), Is.EqualTo(File.ReadAllBytes(SmallNames.LecturePath())));
    }

    [Test]
    public void Training_takes_what_was_fetched_and_says_so()
    {
        using LoopbackServer server = LectureServer();
        Succeed("data", "--from", server.Url);
        Outcome outcome = Succeed("train", "--steps", "1", "--hidden", "2", "--accelerator", "cpu", "--run", "run");
        string names = outcome.OutputLines.Single(line => line.StartsWith("names", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Does.Contain(Fetched).And.Contain("32,033 names").And.Contain("--data FILE").And.Not.Contain("embedded"));
            Assert.That(Run("evaluate", "--model", "run/model.safetensors", "--accelerator", "cpu").ExitCode, Is.EqualTo(Done));
        }
    }

    [Test]
    public void Another_file_is_refused_by_its_sum() =>
        AssertRefused(LoopbackServer.Answer("200 OK", Encoding.UTF8.GetBytes(SmallNames.Text)), "SHA-256", Sha256);

    [Test]
    public void A_page_in_place_of_the_file_is_refused() =>
        AssertRefused(LoopbackServer.Answer("200 OK", "<html>Log in</html>"u8.ToArray()), "SHA-256");

    [Test]
    public void A_file_with_one_letter_changed_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(SmallNames.LecturePath());
        bytes[1000] ^= 1;
        AssertRefused(LoopbackServer.Answer("200 OK", bytes), "SHA-256", Sha256);
    }

    [Test]
    public void An_empty_answer_is_refused() => AssertRefused(LoopbackServer.Answer("200 OK", []), "SHA-256");

    [Test]
    public void A_longer_file_is_refused() => AssertRefused(LoopbackServer.Answer("200 OK", new byte[5_000_000]), "SHA-256");

    [Test]
    public void An_answer_that_breaks_off_is_refused() =>
        AssertUnreached(LoopbackServer.Answer("200 OK", Encoding.UTF8.GetBytes(SmallNames.Text), length: 228_145));

    [Test]
    public void A_head_that_breaks_off_is_refused() => AssertUnreached("HTTP/1.1 200"u8.ToArray());

    [Test]
    public void What_is_not_HTTP_is_refused() => AssertUnreached("SSH-2.0-OpenSSH_9.6\r\n"u8.ToArray());

    [TestCase("404 Not Found")]
    [TestCase("403 Forbidden")]
    [TestCase("500 Internal Server Error")]
    public void An_error_of_the_server_is_told(string status) =>
        AssertRefused(LoopbackServer.Answer(status, "no"u8.ToArray()), status[..3]);

    [Test]
    public void A_server_that_is_not_there_is_told() => AssertUnreached(LoopbackServer.DeadUrl());

    [Test]
    public void Waiting_for_a_server_that_says_nothing_can_be_stopped()
    {
        using var server = new LoopbackServer(answer: null);
        using var stop = new CancellationTokenSource();
        server.OnRequest = stop.Cancel;
        using var output = new StringWriter();
        string[] before = Listing();
        Run(output, stop.Token, "data", "--from", server.Url).AssertFailed(Interrupted);
        Assert.That(Listing(), Is.EqualTo(before));
    }

    [TestCase("file:///etc/hostname")]
    [TestCase("ftp://127.0.0.1/names.txt")]
    public void A_redirection_to_another_scheme_is_refused(string location) =>
        AssertRefused(LoopbackServer.Redirection(location), "redirects", location);

    [Test]
    public void Redirections_without_an_end_are_refused() => AssertRefused(LoopbackServer.Redirection("/names.txt"), "10 times");

    [Test]
    public void A_redirection_to_another_place_is_followed()
    {
        using LoopbackServer server = LectureServer();
        using var redirecting = new LoopbackServer(LoopbackServer.Redirection(server.Url));
        Succeed("data", "--from", redirecting.Url);
        Assert.That(File.ReadAllBytes(Fetched), Is.EqualTo(File.ReadAllBytes(SmallNames.LecturePath())));
    }

    [Test]
    public void A_server_that_takes_too_long_in_all_is_given_up()
    {
        using var server = new LoopbackServer(answer: null);
        IOException fault = Assert.Throws<IOException>(() => NamesDownload.Fetch(
            new Uri(server.Url), Fetched, _ => { }, CancellationToken.None, limit: TimeSpan.FromMilliseconds(50)))!;
        Assert.That(fault.Message, Does.Contain("all of the file").And.Contain("--from").And.Contain("--data"));
    }

    [TestCase("anna\nben\n")]
    [TestCase("\0\u0001")]
    public void What_was_fetched_and_is_damaged_is_told_where_it_would_be_used(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Fetched)!);
        Write(Fetched, text);
        Refuse(["data", "--describe"], Fetched, "SHA-256", "makemore data");
        Refuse(["train"], Fetched, "makemore data");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "making links needs rights there")]
    public void A_link_in_the_way_of_the_download_is_not_written_through()
    {
        using LoopbackServer server = LectureServer();
        Directory.CreateDirectory(Path.GetDirectoryName(Fetched)!);
        Write("mine.txt", "mine");
        File.CreateSymbolicLink(Fetched + ".partial", Path.GetFullPath("mine.txt"));
        File.CreateSymbolicLink(Fetched, Path.GetFullPath("mine.txt"));
        Succeed("data", "--from", server.Url);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText("mine.txt"), Is.EqualTo("mine"));
            Assert.That(File.ReadAllBytes(Fetched), Is.EqualTo(File.ReadAllBytes(SmallNames.LecturePath())));
        }
    }

    [TestCase("names.txt")]
    [TestCase("ftp://example.org/names.txt")]
    [TestCase("file:///names.txt")]
    [TestCase("http://")]
    [TestCase("")]
    public void An_address_that_is_none_is_refused(string url) => Refuse(["data", "--from", url], "--from", $"'{url}'", "http");

    [Test]
    public void A_folder_in_place_of_the_file_is_refused()
    {
        using LoopbackServer server = LectureServer();
        Directory.CreateDirectory(Fetched);
        Refuse(["data", "--from", server.Url], Fetched, "cannot be written");
    }

    [Test]
    public void A_file_in_place_of_the_folder_is_refused()
    {
        using LoopbackServer server = LectureServer();
        Directory.CreateDirectory(Path.Combine(Folder, "user-data"));
        Write(Path.GetDirectoryName(Fetched)!, "not a folder");
        Refuse(["data", "--from", server.Url], Fetched, "cannot be written");
    }

    void AssertRefused(byte[] answer, params string[] mentions)
    {
        using var server = new LoopbackServer(answer);
        Refuse(["data", "--from", server.Url], [server.Url, .. mentions]);
    }

    void AssertUnreached(byte[] answer)
    {
        using var server = new LoopbackServer(answer);
        AssertUnreached(server.Url);
    }

    void AssertUnreached(string url)
    {
        string[] before = Listing();
        Run("data", "--from", url).AssertFailed(FailedAtWork, url, "cannot be fetched", "online", "--data");
        Assert.That(Listing(), Is.EqualTo(before));
    }

    static LoopbackServer LectureServer() => new(LoopbackServer.Answer("200 OK", File.ReadAllBytes(SmallNames.LecturePath())));
}
