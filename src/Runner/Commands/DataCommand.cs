using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Fetches the lectures' names, or describes a list of names.</summary>
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
            result.Refuse($"--from is '{result.Tokens[0].Value}' and must be a URL that begins with http:// or https://");
            return null;
        },
    };

    static readonly Option<bool> Describe = new("--describe")
    {
        Description = "fetch nothing, and describe a list of names: lengths, characters, contexts and targets, splits, duplicates",
    };

    static readonly Option<string?> Name = new("--name")
    {
        Description = "the name whose contexts and targets are shown; the first of the list",
        HelpName = "NAME",
    };

    static readonly Option[] OfDescription = [.. DataOptions.All, Name, NetworkOptions.Context];

    public static Command Create() =>
        new(
            "data",
            "fetch names.txt (228 KB, 32,033 names) into the user's data folder and check its SHA-256; "
            + "with --describe: what a list of names holds, and which examples it gives")
        {
            From, Describe, OfDescription,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        bool describes = parsed.GetValue(Describe);
        if (parsed.FirstGiven(describes ? [From] : OfDescription) is { } option)
        {
            throw new InvalidRequestException(
                describes
                ? $"{option.Name} is for fetching, and --describe fetches nothing: give one of them"
                : $"{option.Name} is for a description: give --describe, too");
        }
        return describes ? DescribeNames(parsed, session) : FetchNames(parsed, session);
    }

    static int DescribeNames(ParseResult parsed, Session session)
    {
        Recipe recipe = Recipe.Default;
        recipe = recipe with { Context = parsed.GetValue(NetworkOptions.Context) ?? recipe.Context };
        recipe.Validate();
        SizeLimits.CheckContext(recipe.Context);
        string? asked = parsed.GetValue(DataOptions.Data);
        NamesFile names = NamesLocation.Read(session, asked, DataOptions.Resolve(parsed));
        var data = Dataset.Create(names, recipe.Context);
        string name = parsed.GetValue(Name) is { } given ? names.Format.Text.Clean(given).Text : names.Names[0];
        CheckName(name, data);
        var description = DatasetDescription.Of(data, recipe.Batch, name);
        ConsolePage.Write(session, DatasetPage.Of(NamesLocation.Describe(names, asked), description, names.Format));
        session.Result(description);
        return 0;
    }

    static void CheckName(string name, Dataset data)
    {
        if (name.Length == 0)
        {
            throw new InvalidRequestException("--name is '' and must have at least one character");
        }
        if (data.Vocabulary.FirstUnknown(name) is { } unknown)
        {
            throw new InvalidRequestException(
                $"--name is '{name}', and no name of '{data.File.Source}' holds a '{unknown}': use only characters of its names");
        }
    }

    static int FetchNames(ParseResult parsed, Session session)
    {
        string path = NamesLocation.Fetched;
        bool fetch = NamesDownload.ReadWhole(path) is null;
        if (fetch)
        {
            Fetch(parsed.GetValue(From)!, path, session);
        }
        int names = NamesFile.Read(path).Names.Count;
        session.Text.WriteLine($"{(fetch ? "fetched" : "is there already:")} {path}, {Format.Counted(names, "name")}");
        session.Result(new { Path = path, Names = names, NamesDownload.Sha256, Fetched = fetch });
        return 0;
    }

    static void Fetch(Uri source, string path, Session session)
    {
        if (!session.ShowsProgress)
        {
            session.Tell("fetching", $"{source}");
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
