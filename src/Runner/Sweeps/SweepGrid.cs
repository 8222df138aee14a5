using System.CommandLine;
using System.Numerics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// The networks of a sweep, each made when it is asked for: every combination of the values of all settings that vary, the first of which
/// varies slowest, or as many of them as are drawn; each from all seeds before the next one.
/// </summary>
sealed class SweepGrid
{
    /// <summary>The most networks of a sweep.</summary>
    public const int MostNetworks = 1_000_000;

    readonly SweepRequest request;
    readonly IReadOnlyList<Variation> variations;
    readonly Variation? seeds;
    readonly ulong firstSeed;

    SweepGrid(SweepRequest request)
    {
        this.request = request;
        firstSeed = new NetworkCall(request.Fixed, []).Parse().GetValue(NetworkOptions.Seed) ?? Seeds.LectureSeed;
        variations = [.. request.Vary.Select(Variation.Parse)];
        seeds = request.Seeds is { } count
            ? new Variation(Setting.Seed, SettingValues.Whole($"{firstSeed}..{firstSeed + (BigInteger)count - 1}"))
            : null;
        CheckNames();
        Count = CheckCount();
        Names = [.. variations.Select(variation => variation.Name), .. seeds is null ? [] : new[] { Setting.Seed }];
    }

    /// <summary>How many networks there are.</summary>
    public int Count { get; }

    /// <summary>The settings in which they differ.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The settings of a network in which it differs from others.</summary>
    /// <param name="number">Which one, from 0.</param>
    public IReadOnlyList<Setting> this[int number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(number);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
            (int combination, int seed) = Math.DivRem(number, request.Seeds ?? 1);
            IEnumerable<Setting> settings = request.Random is null ? Combine(combination) : Draw(combination);
            return seeds is null ? [.. settings] : [.. settings, seeds.With(seed)];
        }
    }

    /// <summary>The networks that a call asks for.</summary>
    /// <param name="parsed">The call, with the options of <see cref="NetworkOptions"/> and <see cref="SweepOptions"/>.</param>
    /// <exception cref="InvalidRequestException">It asks for what cannot be.</exception>
    public static SweepGrid Create(ParseResult parsed) => Create(SweepRequest.Of(parsed));

    /// <summary>The networks that are asked for.</summary>
    /// <param name="request">What is asked for.</param>
    /// <exception cref="InvalidRequestException">It cannot be.</exception>
    public static SweepGrid Create(SweepRequest request)
    {
        CheckAtLeastOne(SweepOptions.Seeds, request.Seeds);
        CheckAtLeastOne(SweepOptions.Random, request.Random);
        if (request.Vary.Count == 0 && (request.Random is not null || request.Seeds is null or 1))
        {
            throw new InvalidRequestException(request.Random is null
                ? $"the networks do not differ: give {SweepOptions.Vary.Name} NAME=VALUES, or {SweepOptions.Seeds.Name} with 2 or more"
                : $"{SweepOptions.Random.Name} has nothing to draw from: give {SweepOptions.Vary.Name} NAME=VALUES, too");
        }
        return new SweepGrid(request);
    }

    /// <summary>The call of train that trains a network.</summary>
    /// <param name="number">Which one, from 0.</param>
    public NetworkCall CallOf(int number) => new(request.Fixed, this[number]);

    /// <summary>A network with all its settings.</summary>
    /// <param name="number">Which one, from 0.</param>
    /// <param name="data">What is trained on, by the length of the context.</param>
    /// <exception cref="InvalidRequestException">It cannot be trained.</exception>
    public SweptNetwork Resolve(int number, Func<int, Dataset> data)
    {
        IReadOnlyList<Setting> settings = this[number];
        try
        {
            return new SweptNetwork(number, settings, new NetworkCall(request.Fixed, settings).Resolve(data));
        }
        catch (InvalidRequestException fault)
        {
            throw Refuse(number, fault);
        }
    }

    /// <summary>What is thrown where a network cannot be trained.</summary>
    /// <param name="number">Which one, from 0.</param>
    /// <param name="fault">Why not.</param>
    public InvalidRequestException Refuse(int number, InvalidRequestException fault)
    {
        string differences = string.Join(", ", this[number]);
        return new InvalidRequestException($"network {number} ({differences}) cannot be trained: {fault.Message:whole}", fault);
    }

    // Of a number whose digits are the indices of the values, the last digit is that of the last setting.
    Setting[] Combine(int combination)
    {
        var settings = new Setting[variations.Count];
        for (int i = settings.Length - 1; i >= 0; i--)
        {
            (combination, int index) = Math.DivRem(combination, (int)variations[i].Values.Count);
            settings[i] = variations[i].With(index);
        }
        return settings;
    }

    // A generator for each draw: it is the same however many there are.
    IEnumerable<Setting> Draw(int draw)
    {
        var bits = new MersenneTwister([(uint)firstSeed, (uint)(firstSeed >> 32), (uint)draw]);
        return variations.Select(variation => variation.Draw(bits.Next64()));
    }

    void CheckNames()
    {
        foreach (Variation variation in variations)
        {
            string name = variation.Name;
            if (variations.Count(other => other.Name == name) > 1)
            {
                throw new InvalidRequestException($"{SweepOptions.Vary.Name} {name} is given twice: give all its values at once");
            }
            if (request.Fixed.Any(setting => setting.Name == name))
            {
                throw new InvalidRequestException($"--{name} fixes what {SweepOptions.Vary.Name} {name} varies: give one of them");
            }
            if (seeds?.Name == name)
            {
                throw new InvalidRequestException(
                    $"{SweepOptions.Seeds.Name} and {SweepOptions.Vary.Name} {name} both say what seeds there are: give one of them");
            }
            if (request.Random is null && variation.Values.Open is { } open)
            {
                throw new InvalidRequestException(
                    $"{SweepOptions.Vary.Name} {name}: '{open}' has no count: write one, such as {open}:5, or draw from it by "
                    + $"{SweepOptions.Random.Name} N");
            }
        }
    }

    int CheckCount()
    {
        BigInteger combinations = request.Random ?? variations.Aggregate(BigInteger.One, (product, next) => product * next.Values.Count);
        BigInteger count = combinations * (request.Seeds ?? 1);
        return count <= MostNetworks ? (int)count : throw new InvalidRequestException(
            $"these settings make {count:N0} networks, and a sweep takes {MostNetworks:N0}: give fewer values, or draw some of them by "
            + $"{SweepOptions.Random.Name} N");
    }

    static void CheckAtLeastOne(Option option, int? number)
    {
        if (number < 1)
        {
            throw new InvalidRequestException($"{option.Name} is {number} and must be at least 1");
        }
    }
}
