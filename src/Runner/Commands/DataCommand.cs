using System.CommandLine;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Fetches the lectures' names.</summary>
static class DataCommand
{
    static readonly Option<Uri> From = new("--from")
    {
        Description = "where to fetch names.txt from, for a mirror; its SHA-256 must be that of the lectures' file all the same",
        HelpName = "URL",
        DefaultValueFactory = _ => NamesDownload.Source,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            {
                return url;
            }
            result.AddError($"--from is '{result.Tokens[0].Value}' and must be a URL that begins with http:// or https://");
            return null;
        },
    };

    public static Command Create() =>
        new("data", "fetch names.txt (228 KB, 32,033 names) into the user's data folder and check its SHA-256") { From };

    public static int Run(ParseResult parsed, Session session)
    {
        string path = NamesLocation.Fetched;
        bool fetch = !File.Exists(path) || NamesDownload.Sum(File.ReadAllBytes(path)) != NamesDownload.Sha256;
        if (fetch)
        {
            Fetch(parsed.GetValue(From)!, path, session);
        }
        int names = NamesFile.Read(path).Names.Count;
        session.Text.WriteLine($"{(fetch ? "fetched" : "is there already:")} {path}, {Format.Count(names)} names");
        session.Result(new { Path = path, Names = names, NamesDownload.Sha256, Fetched = fetch });
        return 0;
    }

    static void Fetch(Uri source, string path, Session session)
    {
        if (!session.IsTerminal)
        {
            session.Text.WriteLine($"fetching {source}");
            NamesDownload.Fetch(source, path, _ => { }, session.Cancellation);
            return;
        }
        session.Tables.Progress().Start(context =>
        {
            ProgressTask task = context.AddTask("names.txt", maxValue: NamesDownload.Bytes);
            NamesDownload.Fetch(source, path, bytes => task.Value = bytes, session.Cancellation);
        });
    }
}
