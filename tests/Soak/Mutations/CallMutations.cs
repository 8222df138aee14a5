namespace Makemore.Gpu.Soak.Mutations;

/// <summary>Damages command lines.</summary>
static class CallMutations
{
    static readonly string[] Words =
    [
        "", " ", ".", "..", "run", "names.txt", "run/model.safetensors", "nowhere", "--", "--json", "--force", "--verbose", "--unknown",
        "-h", "--steps", "--seed", "--hidden", "--data", "--model", "--recipe", "--count", "--prompt", "--run", "--l2", "@names.txt",
        "auto", "none", "cpu:1", "cpu:99999999999", "8,8", "8,", ",", "C=0.1", "C=", "=", "W1=1e999", "group:2", "group:0", "group:", "tab",
        "utf-8", "utf-7", "Zoë", "anna", "\ud83d\ude00", "e\u0301", "\u202e", "\u0000", "\n", "\t", "%s", "{0}", "[red]", "'", "\"", "*",
        "$HOME",
    ];

    /// <summary>Damages a call in one to three ways. The command itself mostly stays.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="args">The call.</param>
    public static string[] Mutate(Random random, string[] args)
    {
        for (int i = Math.Max(0, random.Next(4) - 1); i >= 0; i--)
        {
            args = MutateOnce(random, args);
        }
        return args;
    }

    static string[] MutateOnce(Random random, string[] args)
    {
        int first = random.Next(20) == 0 ? 0 : 1;
        if (args.Length <= first)
        {
            return [.. args, Word(random)];
        }
        int i = random.Next(first, args.Length);
        switch (random.Next(7))
        {
            case 0:
                return [.. args[..i], .. args[(i + 1)..]];
            case 1:
                return [.. args[..i], args[i], .. args[i..]];
            case 2:
                int j = random.Next(first, args.Length);
                string[] swapped = [.. args];
                (swapped[i], swapped[j]) = (args[j], args[i]);
                return swapped;
            case 3:
                return [.. args[..i], Word(random), .. args[i..]];
            case 4:
                return [.. args[..i], Damaged(random, args[i]), .. args[(i + 1)..]];
            default:
                return [.. args[..i], Word(random), .. args[(i + 1)..]];
        }
    }

    static string Word(Random random) => random.Next(2) == 0
        ? Words[random.Next(Words.Length)]
        : ByteMutations.Numbers[random.Next(ByteMutations.Numbers.Length)];

    static string Damaged(Random random, string word)
    {
        int at = random.Next(word.Length + 1);
        return random.Next(3) switch
        {
            0 => word[..at],
            1 => word[..at] + (char)random.Next(1, 0x2FF) + word[at..],
            _ => word.Length == 0 ? new string('x', 70_000) : word[..at] + word,
        };
    }
}
