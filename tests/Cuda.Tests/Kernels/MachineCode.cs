using System.Text.RegularExpressions;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>The machine's instructions of a kernel, as NVIDIA's disassembler prints them.</summary>
/// <param name="Instructions">The instructions in order, such as LDG.E.128, with their predicates left out.</param>
/// <param name="Loops">The first and the last instruction of each loop.</param>
sealed partial record MachineCode(IReadOnlyList<string> Instructions, IReadOnlyList<(int First, int Last)> Loops)
{
    /// <summary>Reads what the disassembler printed.</summary>
    /// <param name="listing">The listing.</param>
    public static MachineCode Parse(string listing)
    {
        var instructions = new List<string>();
        var loops = new List<(int First, int Last)>();
        var labels = new Dictionary<string, int>();
        foreach (string line in listing.Split('\n'))
        {
            if (Label().Match(line) is { Success: true } label)
            {
                labels[label.Groups[1].Value] = instructions.Count;
            }
            else if (Instruction().Match(line) is { Success: true } instruction)
            {
                // A branch to what stands before it ends a loop.
                if (BranchTarget().Match(line) is { Success: true } branch && labels.TryGetValue(branch.Groups[1].Value, out int first))
                {
                    loops.Add((first, instructions.Count));
                }
                instructions.Add(instruction.Groups[1].Value);
            }
        }
        return new MachineCode(instructions, loops);
    }

    /// <summary>The instructions of the loop that has the most of a kind.</summary>
    /// <param name="kind">The kind, such as FFMA.</param>
    public IReadOnlyList<string> LoopOf(string kind) =>
        Loops.Select(loop => Instructions.Skip(loop.First).Take(loop.Last - loop.First + 1).ToArray())
            .MaxBy(loop => Count(loop, kind)) ?? [];

    /// <summary>How many instructions are of a kind.</summary>
    /// <param name="instructions">The instructions.</param>
    /// <param name="kind">The kind, such as LDG.</param>
    /// <param name="attribute">One of its attributes, such as 128 for 128 bits; null for any.</param>
    public static int Count(IEnumerable<string> instructions, string kind, string? attribute = null) =>
        instructions.Select(instruction => instruction.Split('.'))
            .Count(parts => parts[0] == kind && (attribute is null || parts.Contains(attribute)));

    [GeneratedRegex(@"^\s*(\.L_\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"\bBRA\b.*`\((\.L_\w+)\)")]
    private static partial Regex BranchTarget();
}
