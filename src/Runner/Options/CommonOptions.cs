using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that several commands share, and kinds of options.</summary>
static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "one JSON object on one line of standard output, and nothing else there",
        Recursive = true,
    };

    public static Option<bool> Quiet { get; } = new("--quiet")
    {
        Description = "the result alone: no progress, no notes, and of errors their line",
        Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "with an error, the stack trace too",
        Recursive = true,
    };

    public static Option<string> Accelerator { get; } = new("--accelerator")
    {
        Description = "auto, cpu, opencl or cuda; one of several by number, such as opencl:1",
        HelpName = "A",
        CompletionSources = { "auto", "cpu", "opencl", "cuda" },
        DefaultValueFactory = _ => "auto",
    };

    public static Option<string?> Model { get; } = new("--model")
    {
        Description = "a model: the folder of a run, or a model.safetensors that the command train wrote; without it the latest run of "
            + OutputFolder.RunsFolder,
        HelpName = "RUN|FILE",
        CompletionSources = { _ => OutputFolder.Runs },
    };

    /// <summary>The same, without the option's name.</summary>
    public static Argument<string?> Run { get; } = new("RUN")
    {
        Description = "the folder of a run, or a model.safetensors, as --model",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { _ => OutputFolder.Runs },
    };

    /// <summary>The value of an option that may also stand without the option's name; null where neither was given.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="option">The option.</param>
    /// <param name="argument">Its value without a name.</param>
    /// <exception cref="InvalidRequestException">Both were given, and they differ.</exception>
    public static string? ValueOf(this ParseResult parsed, Option<string?> option, Argument<string?> argument) =>
        (parsed.GetValue(option), parsed.GetValue(argument)) switch
        {
            ({ } named, { } bare) when named != bare =>
                throw new InvalidRequestException($"'{bare}' and {option.Name} '{named}' say the same thing twice: give one of them"),
            (var named, var bare) => named ?? bare,
        };

    /// <summary>An option that takes a number, with an error that says what it takes.</summary>
    /// <typeparam name="T">The type of the number.</typeparam>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    public static Option<T?> Number<T>(string name, string description)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                if (Parse<T>(result.Tokens[0].Value) is { } number)
                {
                    return number;
                }
                result.Refuse($"{name} is '{result.Tokens[0].Value}' and must be {Kind<T>()}");
                return null;
            },
        };

    /// <summary>An option that takes several numbers with commas between them.</summary>
    /// <typeparam name="T">The type of the numbers.</typeparam>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    public static Option<T[]?> Numbers<T>(string name, string description)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N[,N...]",
            CustomParser = result =>
            {
                T?[] numbers = [.. result.Tokens[0].Value.Split(',').Select(Parse<T>)];
                if (numbers.All(number => number is not null))
                {
                    return [.. numbers.Select(number => number!.Value)];
                }
                result.Refuse($"{name} is '{result.Tokens[0].Value}' and must be {Kind<T>()}, or several with commas between them");
                return null;
            },
        };

    /// <summary>An option that takes one of a few words.</summary>
    /// <typeparam name="T">The words, as an enum.</typeparam>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetValues<T>().Select(value => Format.Word(value))];
        return new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CompletionSources = { words },
            CustomParser = result =>
            {
                int index = Array.IndexOf(words, result.Tokens[0].Value.ToLowerInvariant());
                if (index >= 0)
                {
                    return Enum.GetValues<T>()[index];
                }
                string given = result.Tokens[0].Value;
                result.Refuse($"{name} is '{given}'{Suggestion.For(given, words)} and must be {string.Join(" or ", words)}");
                return null;
            },
        };
    }

    /// <summary>The number that an option was given; null where it was not.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="option">The option.</param>
    /// <param name="least">The least number that it takes.</param>
    /// <exception cref="InvalidRequestException">The number is below that.</exception>
    public static int? AtLeast(ParseResult parsed, Option<int?> option, int least) =>
        parsed.GetValue(option) is { } number && number < least
            ? throw new InvalidRequestException($"{option.Name} is {number} and must be at least {least}")
            : parsed.GetValue(option);

    /// <summary>Lets a command's initializer name a group of options by one word.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">The options.</param>
    public static void Add(this Command command, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            command.Add(option);
        }
    }

    /// <summary>Refuses the value of an option.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="message">What it must be, by an interpolated string, whose inserted texts are shortened.</param>
    public static void Refuse(this SymbolResult result, Explanation message) => result.AddError(message.ToString());

    /// <summary>The first of some options that stands in the call; null where none does.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="options">The options.</param>
    public static Option? FirstGiven(this ParseResult parsed, IEnumerable<Option> options) =>
        options.FirstOrDefault(option => parsed.GetResult(option) is OptionResult { Implicit: false });

    static T? Parse<T>(string text)
        where T : struct, INumber<T>
    {
        if (typeof(T) != typeof(double))
        {
            return WholeNumber.Parse<T>(text);
        }
        bool isNumber = T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number);
        return isNumber && float.IsFinite(float.CreateSaturating(number)) ? number : null;
    }

    static string Kind<T>() => typeof(T) == typeof(double)
        ? "a finite 32-bit number"
        : $"a whole number up to {(typeof(T) == typeof(ulong) ? ulong.MaxValue : int.MaxValue)}";
}
