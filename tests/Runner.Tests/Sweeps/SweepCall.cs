using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>Calls of a command that sweeps.</summary>
static class SweepCall
{
    static readonly Command Command = new("sweep") { NetworkOptions.All, SweepOptions.All };
    static readonly Dictionary<int, Dataset> Datasets = [];

    public static ParseResult Parse(params string[] args)
    {
        ParseResult parsed = Command.Parse(args);
        Assert.That(parsed.Errors.Select(error => error.Message), Is.Empty);
        return parsed;
    }

    public static SweepGrid Grid(params string[] args) => SweepGrid.Create(Parse(args));

    /// <summary>The values of a setting that varies alone.</summary>
    public static string[] Values(string vary, params string[] others)
    {
        SweepGrid grid = Grid(["--vary", vary, .. others]);
        return [.. Enumerable.Range(0, grid.Count).Select(number => grid[number][0].Value)];
    }

    /// <summary>The networks, each as the values of its settings.</summary>
    public static string[] Networks(params string[] args)
    {
        SweepGrid grid = Grid(args);
        return [.. Enumerable.Range(0, grid.Count).Select(number => string.Join(' ', grid[number].Select(setting => setting.Value)))];
    }

    /// <summary>Makes what must be refused in one line that holds the mentions.</summary>
    public static void Refuse(string[] args, params string[] mentions)
    {
        string message = Assert.Throws<InvalidRequestException>(() => Grid(args))!.Message;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(message, Does.Not.Contain("\n"));
            foreach (string mention in mentions)
            {
                Assert.That(message, Does.Contain(mention));
            }
        }
    }

    /// <summary>The names that come with the program.</summary>
    public static Dataset Data(int context)
    {
        if (!Datasets.TryGetValue(context, out Dataset? data))
        {
            Datasets[context] = data = Dataset.Create(NamesFile.Embedded(), context);
        }
        return data;
    }
}
