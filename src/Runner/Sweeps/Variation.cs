using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>A setting with the values that the networks of a sweep have of it.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Values">Its values.</param>
sealed record Variation(string Name, SettingValues Values)
{
    /// <summary>The name of a setting: that of its option without dashes.</summary>
    /// <param name="option">The option.</param>
    public static string NameOf(Option option) => option.Name.TrimStart('-');

    /// <summary>Reads a value of <see cref="SweepOptions.Vary"/>.</summary>
    /// <param name="text">The setting and its values, such as gain=0.5,1,2.</param>
    /// <exception cref="InvalidRequestException">There is no such setting, or its values cannot be.</exception>
    public static Variation Parse(string text)
    {
        if (text.Split('=', 2) is not [var asked, var values])
        {
            throw new InvalidRequestException(
                $"{SweepOptions.Vary.Name} is '{text}' and must be a setting and its values, such as gain=0.5,1,2");
        }
        string name = asked.Trim().TrimStart('-');
        Option option = NetworkOptions.All.FirstOrDefault(option => NameOf(option) == name) ?? throw new InvalidRequestException(
            $"{SweepOptions.Vary.Name} {name} names no setting that can vary{Suggestion.For(name, NetworkOptions.All.Select(NameOf))}: use "
            + $"{string.Join(", ", NetworkOptions.All.Select(NameOf)):whole}");
        try
        {
            return new Variation(name, SettingValues.Join([.. Split(option, values).Select(part => Read(option, part))]));
        }
        catch (InvalidRequestException fault)
        {
            throw new InvalidRequestException($"{SweepOptions.Vary.Name} {name}: {fault.Message:whole}", fault);
        }
    }

    /// <summary>The setting with the value of an index.</summary>
    /// <param name="index">The index, from 0.</param>
    public Setting With(int index) => new(Name, Values.At(index));

    /// <summary>The setting with one of its values, each as likely as another.</summary>
    /// <param name="bits">Random bits.</param>
    public Setting Draw(ulong bits) => new(Name, Values.Draw(bits));

    // An option whose own value may have commas says so in the help.
    static string[] Split(Option option, string values) =>
        values.Contains('|', StringComparison.Ordinal) ? values.Split('|', StringSplitOptions.TrimEntries)
        : option.HelpName!.Contains(',', StringComparison.Ordinal) ? [values.Trim()]
        : values.Split(',', StringSplitOptions.TrimEntries);

    static SettingValues Read(Option option, string part) => option switch
    {
        _ when part.Length == 0 => throw new InvalidRequestException("a value is empty: give each, or leave its separator out"),
        Option<int?> or Option<ulong?> or Option<int[]?> => SettingValues.Whole(part),
        Option<double?> or { HelpName: ['N', '|', ..] } => SettingValues.Real(part),
        _ when RangeText.Parse(part) is not null =>
            throw new InvalidRequestException($"'{part}' is a range, and {option.Name} takes no numbers: list its values"),
        _ => SettingValues.Of(part),
    };
}
