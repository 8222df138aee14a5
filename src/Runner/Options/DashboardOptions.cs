using System.CommandLine;
using System.CommandLine.Parsing;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Live;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that serve a run as a page for the browser.</summary>
static class DashboardOptions
{
    const int MostPort = 65_535;

    /// <summary>Serves a run while it trains.</summary>
    public static Option<int?> Dashboard { get; } = Of(
        "--dashboard",
        "serve a page that shows the run while it trains, on this machine alone, and print its address; on port N, or on one that is "
        + "free. The run is watched, as with --watch");

    /// <summary>Serves a run that is there.</summary>
    public static Option<int?> Serve { get; } = Of(
        "--serve",
        "with --run: serve the page of train --dashboard until it is interrupted, in place of tables, pictures and report; on port N, or "
        + "on one that is free");

    /// <summary>Whether an option stands in the call, with a port or without.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="option">The option.</param>
    public static bool IsAsked(ParseResult parsed, Option<int?> option) => parsed.FirstGiven([option]) is not null;

    /// <summary>Begins to serve, and prints the address; null where the call does not ask for it.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="option">The option.</param>
    /// <param name="session">Where the address goes.</param>
    /// <exception cref="InvalidRequestException">The port is none, or not free.</exception>
    public static Dashboard? Start(ParseResult parsed, Option<int?> option, Session session)
    {
        if (!IsAsked(parsed, option))
        {
            return null;
        }
        int? port = CommonOptions.AtLeast(parsed, option, 1);
        if (port > MostPort)
        {
            throw new InvalidRequestException($"{option.Name} is {port} and must be at most {MostPort}");
        }
        var dashboard = Live.Dashboard.Start(port);
        session.Text.WriteLine($"dashboard    {dashboard.Address}");
        return dashboard;
    }

    static Option<int?> Of(string name, string description)
    {
        Option<int?> option = CommonOptions.Number<int>(name, description);
        Func<ArgumentResult, int?> parse = option.CustomParser!;
        option.CustomParser = result => result.Tokens.Count == 0 ? null : parse(result);
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }
}
