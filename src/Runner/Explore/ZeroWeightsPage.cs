using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="ZeroWeights"/>.</summary>
static class ZeroWeightsPage
{
    public static Page Of(ZeroWeights result) => new("All weights zero",
    [
        new Section("What moves")
        {
            Text = "Every weight and bias of the linear layers starts at 0; the table C is drawn as ever. So the hidden units h are 0, and "
                + "with them dW2 = h^T dlogits. W2 is 0, and with it dh = dlogits W2^T and every gradient below. Neither can move before "
                + "the other does, and so the last bias alone is trained, with BatchNorm or without. With W2 alone at 0, h would not be "
                + "0: W2 would move at the first step, and all below it from the second. (Recipe batchnorm has an epsilon of "
                + $"{Format.Difference(ZeroWeights.Epsilon)} here: with its own of 0, units that do not vary would be 0/0.) "
                + "Means over each parameter:",
            Grid = new Grid(
                ["parameter", "shape", "|gradient|, step 0", $"|gradient|, step {Format.Count(result.Steps)}", "|change|"],
                [
                    .. from network in result.Networks
                       from parameter in network.Parameters
                       select (string[])
                       [
                           $"{network.Recipe}, {parameter.Name}",
                           $"({string.Join(", ", parameter.Shape)})",
                           Format.Scientific(parameter.FirstGradient),
                           Format.Scientific(parameter.LastGradient),
                           Format.Scientific(parameter.Change),
                       ],
                ]),
        },
        new Section("The loss")
        {
            Text = "It starts at that of a guess, and falls: the network does train. But a bias knows no context. The best that it can do "
                + "is to give each character its frequency p among the targets, whose loss is their entropy, -sum p ln p.",
            Grid = new Grid(
                ["loss", .. result.Networks.Select(network => network.Recipe)],
                [
                    ["step 0", .. result.Networks.Select(network => Format.Loss(network.Training.FirstLoss))],
                    [
                        $"training split, after {Format.Counted(result.Steps, "step")}",
                        .. result.Networks.Select(network => Format.Loss(network.Loss)),
                    ],
                    ["entropy of the frequencies", .. result.Networks.Select(_ => Format.Loss(result.Entropy))],
                ]),
            Pictures =
            [
                new Chart(
                    "zero-losses", "The loss of networks whose weights are all zero", "step", "loss",
                    [.. result.Networks.Select(network => Cells.PerStep(network.Recipe, network.Training.Losses))])
                {
                    Levels = [new Level(result.Uniform, "a guess, ln V"), new Level(result.Entropy, "entropy of the frequencies")],
                },
            ],
        },
    ]);
}
