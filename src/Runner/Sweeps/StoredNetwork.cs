using System.Text.Json;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>A network of a sweep that has ended, as rows of tables: without its number, which all of them have first.</summary>
/// <param name="Number">The number of the network.</param>
/// <param name="Network">Its values in the table of networks, in the order of <see cref="Columns"/>, without the checksum.</param>
/// <param name="Settings">Position, name and value of each of its settings.</param>
/// <param name="Curve">Step and loss of each point of its curve.</param>
sealed record StoredNetwork(
    object? Number, IReadOnlyList<object?> Network, IReadOnlyList<IReadOnlyList<object?>> Settings,
    IReadOnlyList<IReadOnlyList<object?>> Curve)
{
    /// <summary>The columns of <see cref="Network"/>.</summary>
    public const string Columns = "state, steps, train_loss, dev_loss, test_loss, seconds, configuration";

    // Where the losses are among the columns.
    const int Losses = 2;

    /// <summary>All its values.</summary>
    public IEnumerable<object?> Values => [Number, .. Network, .. Settings.SelectMany(row => row), .. Curve.SelectMany(row => row)];

    /// <summary>The rows of a network.</summary>
    /// <param name="result">The network.</param>
    public static StoredNetwork Of(NetworkResult result)
    {
        (SweptNetwork network, NetworkOutcome outcome) = (result.Network, result.Outcome);
        return new StoredNetwork(
            (long)network.Number,
            [
                Format.Word(outcome.End), (long)outcome.Steps,
                .. KnownNames.Splits.Select(split =>
                    outcome.Losses?.TryGetValue(split, out double loss) == true ? StoredValue.Of(loss) : null),
                StoredValue.Of(outcome.Seconds), network.Configuration.ToJson(),
            ],
            [.. network.Settings.Select((setting, position) => (object?[])[(long)position, setting.Name, setting.Value])],
            [.. outcome.Curve.Select(point => (object?[])[(long)point.Step, StoredValue.Of(point.Loss)])]);
    }

    /// <summary>The network of the rows, whose checksum is right.</summary>
    /// <exception cref="FormatException">They are not of a network.</exception>
    /// <exception cref="JsonException">The configuration is none.</exception>
    public NetworkResult ToResult()
    {
        if (Network is not [string end, long steps, .., var seconds, string configuration] || Number is not long number)
        {
            throw new FormatException("no network is stored there");
        }
        var losses = KnownNames.Splits.Zip(Network.Skip(Losses)).Where(loss => loss.Second is not null)
            .ToDictionary(loss => loss.First, loss => StoredValue.ToDouble(loss.Second));
        return new NetworkResult(
            new SweptNetwork(
                (int)number, [.. Settings.Select(row => new Setting((string)row[1]!, (string)row[2]!))],
                Configuration.FromJson(configuration)),
            new NetworkOutcome(
                Enum.Parse<NetworkEnd>(end, ignoreCase: true), (int)steps, losses.Count > 0 ? losses : null,
                [.. Curve.Select(row => new LossPoint((int)(long)row[0]!, StoredValue.ToDouble(row[1])))],
                StoredValue.ToDouble(seconds)));
    }
}
