using ILGPU;
using Makemore.Gpu.Kernels.Tensors;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Network;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class TensorStoreTests(string accelerator)
{
    [Test]
    public void Values_begin_at_zero_and_stay_in_their_own_tensor()
    {
        using TensorStore store = Store();
        Tensor first = store.Add("first", 3, 5);
        Tensor second = store.Add("second", 1);
        Tensor third = store.Add("third", 65);
        float[] values = [.. Enumerable.Range(1, 15).Select(i => (float)i)];
        first.Set(values);
        second.Set([-1f]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.ToArray(), Is.EqualTo(values));
            Assert.That(second.ToArray(), Is.EqualTo(new[] { -1f }));
            Assert.That(third.ToArray(), Is.EqualTo(new float[65]));
            Assert.That(second.GradientToArray(), Is.EqualTo(new float[1]));
        }
    }

    // ILGPU compiles kernels for views that begin at a multiple of 256 bytes.
    [Test]
    public void Every_tensor_begins_at_a_multiple_of_256_bytes()
    {
        using TensorStore store = Store();
        foreach (int length in new[] { 1, 63, 64, 65, 200 })
        {
            store.Add($"{length}", length);
        }
        Assert.That(store.Tensors.Select(tensor => ((IContiguousArrayView)tensor.Data).IndexInBytes % 256), Is.All.Zero);
    }

    [Test]
    public void A_tensor_that_comes_after_the_first_use_is_a_mistake()
    {
        using TensorStore store = Store();
        store.Add("first", 1).Set([1f]);
        Assert.That(() => store.Add("second", 1), Throws.InvalidOperationException);
    }

    [Test]
    public void A_store_without_gradients_has_none()
    {
        using TensorStore store = Store(withGradients: false);
        Assert.That(store.Add("first", 1).GradientToArray, Throws.InvalidOperationException);
    }

    [Test]
    public void A_tensor_takes_all_its_values_or_none([Values(1, 3)] int count)
    {
        using TensorStore store = Store();
        Tensor tensor = store.Add("first", 2);
        Assert.That(() => tensor.Set(new float[count]), Throws.ArgumentException);
    }

    TensorStore Store(bool withGradients = true)
    {
        Kernels.KernelSet kernels = Accelerators.Kernels(accelerator);
        return new TensorStore(kernels.Launcher, withGradients);
    }
}
