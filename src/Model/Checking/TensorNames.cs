using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>The names of a batch's tensors, as the lecture on manual backprop has them.</summary>
static class TensorNames
{
    /// <summary>The examples: the contexts [N, T] and the targets [N].</summary>
    public static IReadOnlyList<string> Examples { get; } = ["Xb", "Yb"];

    /// <summary>The loss, the intermediates and the parameters, in the order of the lecture's backward pass.</summary>
    public static IReadOnlyList<string> Values { get; } =
    [
        "loss", "logprobs", "probs", "counts_sum_inv", "counts_sum", "counts", "norm_logits", "logit_maxes", "logits", "h", "W2", "b2",
        "hpreact", "bngain", "bnbias", "bnraw", "bnvar_inv", "bnvar", "bndiff2", "bndiff", "bnmeani", "hprebn", "W1", "b1",
        "embcat", "emb", "C",
    ];

    /// <summary>What a forward pass computes, in the same order: all values but the parameters.</summary>
    public static IReadOnlyList<string> Intermediates { get; } = [.. Values.Except(LectureBatch.ParameterNames)];

    /// <summary>The gradients, in the same order: of all values but the loss.</summary>
    public static IReadOnlyList<string> Gradients { get; } = [.. Values.Except(["loss"]).Select(Gradient)];

    /// <summary>The name of a tensor's gradient.</summary>
    /// <param name="name">The tensor's name.</param>
    public static string Gradient(string name) => name + ".grad";

    /// <summary>Finds a tensor's name by one of its spellings: the lecture's <c>dlogits</c> is <c>logits.grad</c>.</summary>
    /// <param name="spelling">The spelling.</param>
    /// <returns>The name; null where there is no such tensor.</returns>
    public static string? Find(string spelling)
    {
        ArgumentNullException.ThrowIfNull(spelling);
        string[] candidates = spelling.StartsWith('d') ? [spelling, Gradient(spelling[1..])] : [spelling];
        return candidates.FirstOrDefault(name => Examples.Contains(name) || Values.Contains(name) || Gradients.Contains(name));
    }
}
