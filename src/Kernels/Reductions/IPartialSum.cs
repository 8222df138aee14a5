namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>What is known of some rows of a column. Its default is that of no rows.</summary>
/// <typeparam name="TSelf">The part.</typeparam>
public interface IPartialSum<TSelf>
    where TSelf : unmanaged, IPartialSum<TSelf>
{
    /// <summary>What is known of the rows of both parts.</summary>
    /// <param name="other">The part of other rows of the same column.</param>
    TSelf Merge(TSelf other);
}
