using Makemore.Gpu.Model.Experiments;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ZeroWeightsTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void The_last_bias_alone_is_trained()
    {
        ZeroWeights result = ZeroWeights.Run(Context, steps: 50);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Networks.Select(network => network.Recipe), Is.EqualTo(new[] { "kaiming", "batchnorm" }));
            foreach (ParameterMotion parameter in result.Networks.SelectMany(network => network.Parameters))
            {
                double[] numbers = [parameter.FirstGradient, parameter.LastGradient, parameter.Change];
                Assert.That(numbers, parameter.Name == "b2" ? Has.All.GreaterThan(0) : Has.All.Zero, parameter.Name);
            }
        }
    }

    [Test]
    public void The_network_learns_the_frequencies_of_the_characters_and_no_more()
    {
        ZeroWeights result = ZeroWeights.Run(Context, steps: 2000);
        int[] targets = TestData.Embedded.Train.Tokens;
        double entropy = targets.Average(target => -Math.Log((double)targets.Count(other => other == target) / targets.Length));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Entropy, Is.EqualTo(entropy).Within(1e-9));
            Assert.That(result.Networks.Select(network => network.Training.FirstLoss), Has.All.EqualTo(Math.Log(27)).Within(1e-6));
            // What is above it is what the bias has not learned yet; a bias cannot come below.
            Assert.That(result.Networks.Select(network => network.Loss), Has.All.InRange(entropy, entropy + 0.02));
        }
    }
}
