using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Measuring;

/// <summary>What operations take, beside counts by hand.</summary>
sealed class CostTests
{
    // The operation, its floating-point operations, the values of its operands.
    static IEnumerable<TestCaseData> Counted()
    {
        Operation[] products =
        [
            MatMulOperations.Multiply(2, 3, 4), MatMulOperations.MultiplyLeftTransposed(2, 3, 4),
            MatMulOperations.MultiplyRightTransposed(2, 3, 4),
        ];
        (Operation Operation, double Flops, double Values)[] counted =
        [
            .. products.Select(product => (product, 8 * 6.0, 6.0 + 12 + 8)),
            (ElementwiseOperations.AddBias(2, 3), 6, 6 + 3 + 6),
            (ElementwiseOperations.SumColumns(2, 3), 6, 6 + 3),
            (ElementwiseOperations.Activate(Activation.Tanh, 2, 3), 6 * 25, 6 + 6),
            (ElementwiseOperations.Activate(Activation.Relu, 2, 3), 6, 6 + 6),
            (ElementwiseOperations.Activate(Activation.Sigmoid, 2, 3), 6 * (29 + 3), 6 + 6),
            (ElementwiseOperations.Activate(Activation.Gelu, 2, 3), 6 * (27 + 4), 6 + 6),
            (ElementwiseOperations.ActivateBackward(Activation.Tanh, 2, 3), 6 * 3, 6 + 6 + 6),
            (ElementwiseOperations.ActivateBackward(Activation.Relu, 2, 3), 6 * 2, 6 + 6 + 6),
            (ElementwiseOperations.ActivateBackward(Activation.Sigmoid, 2, 3), 6 * 3, 6 + 6 + 6),
            (ElementwiseOperations.ActivateBackward(Activation.Gelu, 2, 3), 6 * (27 + 29 + 11), 6 + 6 + 6),
            (ElementwiseOperations.Update(7), 14, 7 + 7 + 7),
            // x and y; gain, bias, mean and rstd; two running statistics, read and written.
            (NormalizationOperations.BatchForward(2, 3), 6 * 8, 6 + 6 + (4 * 3) + (4 * 3)),
            (NormalizationOperations.BatchForwardFixed(2, 3), 6 * 4, 6 + 6 + (4 * 3)),
            (NormalizationOperations.BatchBackward(2, 3), 6 * 11, 6 + 6 + 6 + (5 * 3)),
            (NormalizationOperations.GroupForward(2, 6, groups: 3), 12 * 9, 12 + 12 + (2 * 6) + (2 * 6)),
            (NormalizationOperations.GroupBackward(2, 6, groups: 3), 12 * 16, 12 + 12 + 12 + (3 * 6) + (2 * 6)),
            (LossOperations.LossAndGradient(2, 3), 6 * ((2 * 29) + 6), 6 + 6 + 2 + 2),
            (LossOperations.Mean(5), 5, 5 + 1),
            (LossOperations.Penalty(7), 14, 7 + 1 + 1),
            (LossOperations.PenaltyGradient(7), 14, 7 + 7 + 7),
            // Tokens and the table, and a row of it for each token.
            (EmbeddingOperations.Forward(2, 3, 5, 4), 0, 6 + 20 + 24),
            (EmbeddingOperations.Backward(2, 3, 5, 4), 24, 6 + 20 + 24),
            // An index, and a context with its target, read and written.
            (EmbeddingOperations.Gather(2, 3), 0, 2 * (1 + 4 + 4)),
            (StatisticsOperations.Summarize(2, 3), 6 * 13, 6 + 4),
        ];
        return counted.Select(row => new TestCaseData(row.Operation, row.Flops, row.Values).SetArgDisplayNames(row.Operation.ToString()));
    }

    [TestCaseSource(nameof(Counted))]
    public void An_operation_takes_what_a_count_by_hand_gives(Operation operation, double flops, double values)
    {
        Cost cost = operation.Cost!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cost.Flops, Is.EqualTo(flops));
            Assert.That(cost.Bytes, Is.EqualTo(4 * values));
            Assert.That(cost.Intensity, Is.EqualTo(flops / (4 * values)));
        }
    }

    // docs/performance.md: 2.2 million operations; 12,097 parameters.
    [Test]
    public void A_step_of_the_lectures_takes_six_operations_for_each_weight_and_example()
    {
        Dataset data = Dataset.Create(NamesFile.Embedded(), context: 3);
        Cost cost = TrainingOperations.Step("layered", Recipe.Named("batchnorm"), data, steps: 100).Cost!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cost.Flops, Is.EqualTo(6 * 32 * ((30 * 200) + (200 * 27))));
            Assert.That(cost.Bytes, Is.EqualTo(4 * ((2 * 12_097) + (32 * (1 + 3 + 1)) + 1)));
        }
    }

    [Test]
    public void Ceilings_meet_where_both_are_reached_and_the_higher_ones_count()
    {
        Roofline roofline = new Roofline(100, 20).Max(new Roofline(90, 25));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(roofline, Is.EqualTo(new Roofline(100, 25)));
            Assert.That(roofline.Ridge, Is.EqualTo(4));
        }
    }
}
