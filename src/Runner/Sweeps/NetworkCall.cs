using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The settings of a network as the command <c>train</c> takes them, by whose options they are resolved and checked.</summary>
sealed class NetworkCall
{
    // Made once: options are static, and each keeps every command that it was added to.
    static readonly Command Train = new("train") { NetworkOptions.All };
    static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>The call of a network.</summary>
    /// <param name="common">The settings that all networks of a sweep have in common; one without a value is an option without one.</param>
    /// <param name="own">The settings of this network, which go before those.</param>
    public NetworkCall(IReadOnlyList<Setting> common, IReadOnlyList<Setting> own)
    {
        IEnumerable<Setting> settings = common.Where(setting => !own.Any(other => other.Name == setting.Name)).Concat(own);
        Arguments = [.. settings.SelectMany<Setting, string>(
            setting => setting.Value.Length > 0 ? [$"--{setting.Name}", setting.Value] : [$"--{setting.Name}"])];
    }

    /// <summary>What follows <c>makemore train</c>.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The options as <c>train</c> reads them.</summary>
    /// <exception cref="InvalidRequestException">An option refuses its value.</exception>
    public ParseResult Parse()
    {
        ParseResult parsed = Train.Parse(Arguments, Parser);
        return parsed.Errors is [var error, ..] ? throw new InvalidRequestException($"{error.Message.TrimEnd('.'):whole}") : parsed;
    }

    /// <summary>All settings.</summary>
    /// <param name="data">What is trained on, by the length of the context.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be.</exception>
    public Configuration Resolve(Func<int, Dataset> data)
    {
        ParseResult parsed = Parse();
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed);
        return NetworkOptions.Resolve(parsed, recipe, data(recipe.Context));
    }
}
